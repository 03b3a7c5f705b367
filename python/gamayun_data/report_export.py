"""An export of shards as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.report import counts_as, table_of
from gamayun_data.units import show_bytes, show_share

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.exporting import ShardExport


def export(console: Console, made: ShardExport) -> None:
    """Pools of every stage, then bytes and notes."""
    table = table_of(f"{made.format}: {made.path}", ["stage", "pool"], ["documents", "tokens"])
    table.add_column("share", justify="right")
    rows = [(stage, pool) for stage in made.stages for pool in stage.pools]
    documents = counts_as(pool.documents for _, pool in rows)
    tokens = counts_as(pool.tokens for _, pool in rows)
    for stage, pool in rows:
        share = show_share(pool.stage_tokens / stage.tokens) if stage.samples else ""
        table.add_row(stage.name, pool.name, documents(pool.documents), tokens(pool.tokens), share)
    console.print(table)
    linked = sum(file.bytes for file in made.files if file.origin == "linked")
    written = sum(file.bytes for file in made.files) - linked
    sizes = f"{show_bytes(linked)} linked, {show_bytes(written)} written"
    console.print(f"{len(made.files):,} files: {sizes}", highlight=False)
    for note in made.notes:
        console.print(note, highlight=False, markup=False, soft_wrap=True)
