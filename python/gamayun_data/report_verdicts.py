"""Verdicts as people read them: tables of rows, waterfalls, and two runs side by side."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from gamayun_data.report import table_of
from gamayun_data.units import show_bytes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from gamayun_data.run_comparison import RunComparison
    from gamayun_data.verdicts import VerdictRows
    from gamayun_data.waterfall import LanguageFall, Waterfall

SHOWN: Final = 30
"""Transitions and settings; the rest is counted."""


def verdict_rows(console: Console, result: VerdictRows) -> None:
    """How many rows were written, by verdict."""
    told = ", ".join(f"{count:,} {verdict}" for verdict, count in result.verdicts.items())
    console.print(
        f"{result.path}: {told or 'no rows'}", highlight=False, markup=False, soft_wrap=True
    )


def waterfall(console: Console, result: Waterfall) -> None:
    """One language: each reason in turn. Several: what is left after each step."""
    if len(result.languages) == 1:
        console.print(_one(result.languages[0]))
        return
    steps = result.steps
    headings = [step.replace("_", "\n") for step in steps]
    table = table_of("Documents left after each step", ["language"], ["read", *headings, "kept %"])
    for one in result.languages:
        left, cells = one.documents, []
        for step in steps:
            left = one.left().get(step, left)
            cells.append(f"{left:,}")
        share = f"{100 * one.kept / one.documents:.1f}" if one.documents else ""
        table.add_row(one.language, f"{one.documents:,}", *cells, share)
    console.print(table)


def _one(fall: LanguageFall) -> Table:
    columns = ["documents", "% of read", "text", "left", "text left"]
    table = table_of(f"{fall.language}: what each reason took", ["step", "reason"], columns)
    table.add_row("read", "", "", "", "", f"{fall.documents:,}", show_bytes(fall.bytes))
    for one in fall.falls:
        table.add_row(
            one.step,
            one.reason,
            f"-{one.documents:,}",
            f"{100 * one.documents / fall.documents:.2f}",
            f"-{show_bytes(one.bytes)}",
            f"{one.documents_left:,}",
            show_bytes(one.bytes_left),
        )
    return table


def comparison(console: Console, result: RunComparison) -> None:
    """The settings that differ, documents kept by language, and the transitions."""
    if result.settings:
        table = table_of("Settings that differ", ["setting", "before", "after"], [])
        for one in result.settings[:SHOWN]:
            table.add_row(one.name, _value(one.before), _value(one.after))
        console.print(table)
        _more(console, len(result.settings), "settings")
    table = table_of("Documents kept", ["language"], ["before", "after", "change"])
    for row in result.languages:
        change = f"{row.after - row.before:+,}" if row.after != row.before else ""
        table.add_row(row.language, f"{row.before:,}", f"{row.after:,}", change)
    console.print(table)
    if result.transitions:
        columns = ["language", "before", "after", "why", "such as"]
        table = table_of("Verdicts that differ", columns, ["documents"])
        for move in result.transitions[:SHOWN]:
            words = (move.language, move.before, move.after, move.why, move.examples[0])
            table.add_row(*words, f"{move.documents:,}")
        console.print(table)
        _more(console, len(result.transitions), "transitions")
    why = Counter[str]()
    for move in result.transitions:
        why[move.why] += move.documents
    reasons = ", ".join(f"{name} {count:,}" for name, count in why.most_common())
    console.print(
        f"{result.both:,} documents in both, {result.only_before:,} only before, "
        f"{result.only_after:,} only after; {result.changed:,} verdicts differ"
        + (f": {reasons}" if reasons else ""),
        highlight=False,
    )


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "-" if value is None else value if isinstance(value, str) else json.dumps(value)


def _more(console: Console, count: int, what: str) -> None:
    if count > SHOWN:
        console.print(f"and {count - SHOWN:,} {what} more: --json tells all", highlight=False)
