"""A removal as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.units import show_bytes

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.removing import DocumentRemoval


def removal(console: Console, result: DocumentRemoval) -> None:
    """The shards that change, then the stages, then what was not found."""
    from rich.table import Table

    done = "removed" if result.done else "to be removed"
    sources = ", ".join(f"{name} {count:,}" for name, count in result.sources.items())
    console.print(
        f"{result.documents:,} documents {done}, {show_bytes(result.bytes)} of text"
        + (f" ({sources})" if sources else ""),
        highlight=False,
    )
    if result.shards:
        table = Table(box=None, pad_edge=False)
        for column in ("pool", "shard"):
            table.add_column(column)
        for column in ("documents", "tokens", "bytes"):
            table.add_column(column, justify="right")
        for row in result.shards:
            table.add_row(
                row.pool, row.shard, f"{row.documents:,}", f"{row.tokens:,}", f"{row.bytes:,}"
            )
        console.print(table)
    for stage in result.stages:
        console.print(
            f"stage {stage.stage}: {stage.tokens_before:,} tokens before, {stage.tokens:,} now",
            highlight=False,
        )
    for name in result.withdrawn:
        console.print(f"stage {name} was appended and is withdrawn: append it again")
    if result.unknown:
        console.print(f"no document has: {', '.join(result.unknown)}", soft_wrap=True)
