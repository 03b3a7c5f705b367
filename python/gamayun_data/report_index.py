"""An index as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.units import show_bytes

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.results import IndexSummary


def index(console: Console, result: IndexSummary) -> None:
    """What an index holds, and what is wrong with it if it was looked through."""
    each = result.band_bytes / result.documents if result.documents else 0.0
    facts = {
        "documents": f"{result.documents:,} in {result.parts:,} parts",
        "sources": ", ".join(f"{name} {number:,}" for name, number in result.sources.items()),
        "text": show_bytes(result.text_bytes),
        "on disk": f"{show_bytes(result.disk_bytes)}, keys {each:.0f} bytes a document",
        "signatures": f"{result.bands} bands of {result.rows}, shingles of {result.shingle} words",
        "identity": result.identity,
        "made of": ", ".join(result.made_of),
        "merged": ", ".join(f"{name} {n:,}" for name, n in result.merged.items()).replace("_", " "),
    }
    console.print(result.path, highlight=False, markup=False, soft_wrap=True)
    for name, value in facts.items():
        if value:
            line = f"  {name:<12}{value}"
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    for problem in result.problems:
        line = f"{problem.file}: {problem.what}"
        console.print(line, style="bold red", highlight=False, markup=False, soft_wrap=True)
    if result.checked and not result.problems:
        console.print("  every byte is the one that was written", highlight=False)
