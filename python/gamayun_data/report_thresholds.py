"""Language thresholds as tables for a terminal, and as the line of a recipe that sets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.report import table_of
from gamayun_data.thresholds import as_recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gamayun_data.thresholds import DataThreshold, PrecisionThreshold


def data_thresholds(console: Console, result: Sequence[DataThreshold]) -> None:
    """What the scores give, what it drops, and what the run was decided with."""
    columns = ["documents", "median", "deviation", "threshold", "below", "% below", "used"]
    table = table_of("Language thresholds from the scores", ["language"], columns)
    for one in result:
        table.add_row(
            one.language,
            f"{one.documents:,}",
            f"{one.median:.4f}",
            f"{one.deviation:.4f}",
            f"{one.threshold:.4f}",
            f"{one.below:,}",
            f"{100 * one.below / one.documents:.2f}",
            "" if one.used is None else f"{one.used:.4f}",
        )
    console.print(table)


def precision_thresholds(console: Console, result: Sequence[PrecisionThreshold]) -> None:
    """The thresholds, what they let in, and the lines for a recipe."""
    columns = ["texts", "answers", "threshold", "precision", "at least", "recall"]
    table = table_of("Language thresholds for a precision", ["language"], columns)
    for one in result:
        table.add_row(
            one.language,
            f"{one.texts:,}",
            f"{one.answers:,}",
            "none" if one.threshold is None else f"{one.threshold:.4f}",
            f"{one.precision:.4f}",
            f"{one.precision_low:.4f}",
            f"{one.recall:.4f}",
        )
    console.print(table)
    console.print("at least: the lower end of an interval of 95 %; none: no threshold reaches it")
    lines = ", ".join(f"{name} = {value!r}" for name, value in as_recipe(result).items())
    if lines:
        console.print("[curation]", markup=False)
        told = f"language_thresholds = {{ {lines} }}"
        console.print(told, highlight=False, markup=False, soft_wrap=True)
