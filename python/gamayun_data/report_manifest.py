"""Manifests and their differences as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gamayun_data.units import show_bytes, show_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from gamayun_data.manifest_views import ManifestDiff

SHOWN: Final = 16
"""Digits of a hash that are shown."""


def manifest(console: Console, result: Mapping[str, Mapping[str, Any]]) -> None:
    """Each stage: what it is made with, then its shares by language, by domain and by pool."""
    for stage, one in result.items():
        settled, tokenizer = one["stage"], one["tokenizer"]
        told = (
            f"[bold]{stage}[/bold]: {settled['tokens']:,} tokens in {settled['samples']:,} samples "
            f"of {settled['sequence_length']:,}; id {one['id'][:SHOWN]}, seed {one['seed']}, "
            f"tokenizer {tokenizer['sha256'][:SHOWN]} of {tokenizer['vocab_size']:,} ids"
        )
        console.print(told, highlight=False, soft_wrap=True)
        for key in ("language", "domain"):
            _shares(console, key, one[f"by_{key}"])
        _pools(console, one["pools"])
        way = one["conservation"]
        console.print(
            f"{way['records']:,} records, {sum(way['rejected'].values()):,} rejected, "
            f"{sum(way['dropped'].values()):,} documents dropped, {way['selected']:,} selected, "
            f"{way['shards']['documents']:,} in shards\n",
            highlight=False,
            soft_wrap=True,
        )


def _shares(console: Console, key: str, rows: list[Mapping[str, Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(key)
    for column in ("asked", "share", "tokens", "documents", "bytes", "epochs", "until now"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row[key],
            f"{row['requested_share']:.2%}",
            f"{row['share']:.2%}",
            show_count(row["tokens"]),
            show_count(row["documents"]),
            show_bytes(row["bytes"]),
            f"{row['epochs']:.2f}",
            f"{row['cumulative_epochs']:.2f}",
        )
    console.print(table)


def _pools(console: Console, rows: list[Mapping[str, Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("pool")
    for column in ("share", "from token", "to token", "of tokens", "shards"):
        table.add_column(column, justify="right")
    table.add_column("licences")
    for row in rows:
        table.add_row(
            row["name"],
            f"{row['share']:.2%}",
            f"{row['start_token']:,}",
            f"{row['end_token']:,}",
            f"{row['available']['tokens']:,}",
            f"{len(row['shards']):,}",
            ", ".join(row["licences"]),
        )
    console.print(table)


def manifest_diff(console: Console, result: ManifestDiff) -> None:
    """What differs, a row each."""
    from rich.table import Table

    if not result.changes:
        told = "the manifests are the same" if result.same else "nothing but their ids differs"
        console.print(told, highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("stage", "of", "what", "before", "after"):
        table.add_column(column, overflow="fold")
    for change in result.changes:
        table.add_row(
            change.stage, change.subject, change.field, _value(change.before), _value(change.after)
        )
    console.print(table, highlight=False)


def _value(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = str(value)
        return text if len(text) < 3 * SHOWN else f"{text[:SHOWN]}…"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
