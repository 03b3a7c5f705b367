"""Cleaned files as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.report import table_of
from gamayun_data.units import show_bytes

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.cleaned_files import CleanedFiles


def cleaned_files(console: Console, result: CleanedFiles) -> None:
    """What was changed, by kind, and what was written; the bytes add up from row to row."""
    table = table_of("Changed in texts", ["kind"], ["documents", "changes", "removed", "added"])
    for kind, counts in result.kinds.items():
        numbers = (counts.documents, counts.changes, counts.removed_bytes, counts.added_bytes)
        table.add_row(kind, *(f"{number:,}" for number in numbers))
    console.print(table)
    whole = table_of("Cleaned", [result.output], [""])
    for name in ("records", "documents", "changed"):
        whole.add_row(name, f"{getattr(result, name):,}")
    for name in ("bytes_before", "removed_bytes", "added_bytes", "bytes"):
        size = getattr(result, name)
        whole.add_row(name.replace("_", " "), f"{size:,} ({show_bytes(size)})")
    for reason, records in result.rejected.items():
        whole.add_row(f"rejected: {reason}", f"{records:,}")
    console.print(whole)
    named = result.first_rejected not in (None, *result.lost_tails)
    if named and result.rejected_file:
        told = f"rejected: {result.first_rejected} (all in {result.rejected_file})"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
