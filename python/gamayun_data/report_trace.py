"""Traced samples as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.tracing import TracedStretch

SHOWN: Final = 40
"""Letters of a text that are shown."""


def trace(console: Console, result: tuple[TracedStretch, ...]) -> None:
    """A row a stretch of a document."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("sample", "from", "tokens", "offset"):
        table.add_column(column, justify="right")
    for column in ("pool", "source", "document", "whence", "text"):
        table.add_column(column, overflow="fold")
    for one in result:
        table.add_row(
            f"{one.sample:,}",
            f"{one.start:,}",
            f"{one.tokens:,}",
            f"{one.offset:,}",
            one.pool,
            one.source,
            one.id or one.doc_id,
            one.url or "",
            " ".join((one.text or "").split())[:SHOWN],
        )
    console.print(table, highlight=False, markup=False)
