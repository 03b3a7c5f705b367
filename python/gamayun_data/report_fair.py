"""Parity and sweeps as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from gamayun_data.units import show_seconds

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.fair_run import FairTraining
    from gamayun_data.sweep import Sweep


def fair_training(console: Console, result: FairTraining) -> None:
    """What parity gives each language, and what it costs, beside classic training."""
    title = f"{result.path}: {result.vocab_size:,} tokens, {show_seconds(result.seconds)}"
    table = _table(title, "language", "turns", "bytes/token", "classic", "cost", "classic")
    for row in result.languages:
        table.add_row(
            row.language,
            f"{row.turns:,}",
            _number(row.bytes_per_token, 3),
            _number(row.classic_bytes_per_token, 3),
            _number(row.cost, 4),
            _number(row.classic_cost, 4),
        )
    console.print(table)
    told = f"Gini of the costs {result.gini:.4f}, of classic training {result.classic_gini:.4f}."
    _say(console, told)
    _say(console, f"Bytes per token are of {result.measured}; costs are {result.compared}.")


def sweep(console: Console, result: Sweep) -> None:
    """How evenly languages pay under each vocabulary, then what each of them gets."""
    table = _table("Vocabularies", "weighting", "tokens", "Gini", "max/min", "mean cost")
    for point in result.points:
        table.add_row(
            point.weighting,
            f"{point.tokens:,}",
            f"{point.gini:.4f}",
            f"{point.spread:.3f}",
            f"{point.mean_cost:.4f}",
        )
    console.print(table)
    _say(console, f"Costs are {result.compared}.")
    for name in dict.fromkeys(point.weighting for point in result.points):
        console.print(_languages(result, name))
    for name, seconds in result.seconds.items():
        _say(console, f"{name}: all sizes in {show_seconds(seconds)}")


def _languages(result: Sweep, weighting: str) -> Table:
    """Languages by sizes, so that many languages are as many lines."""
    points = [point for point in result.points if point.weighting == weighting]
    title = f"Bytes per token of {result.measured}: {weighting}"
    table = _table(title, "language", *(f"{point.tokens:,}" for point in points))
    for rows in zip(*(point.languages for point in points), strict=True):
        table.add_row(rows[0].language, *(f"{row.bytes_per_token:.2f}" for row in rows))
    return table


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _say(console: Console, words: str) -> None:
    console.print(words, highlight=False, markup=False, soft_wrap=True)
