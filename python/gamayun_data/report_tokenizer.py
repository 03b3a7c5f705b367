"""Measured tokenizers as people read them on a console."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gamayun_data.report import counts_as, table_of
from gamayun_data.units import show_bytes, show_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from gamayun_data.evaluated import (
        Evaluation,
        SeenToken,
        TokenAudit,
        TokenizerEvaluation,
        TokenPlace,
    )

SHOWN: Final = 12
"""Tokens of a list that are shown; `--json` and the page have more."""
CONCENTRATED: Final = 0.9
"""The share of a token's occurrences that makes a document its place."""
LETTERS: Final = 32
"""Letters of a token that are shown."""


REASONS: Final = {
    "": "",
    "bytes": "no UTF-8 text",
    "merges": "no text: merges give other tokens",
    "context": "no text: always cut, or merged further",
}
"""Where a token is from that no text encodes to."""


def evaluation(console: Console, result: Evaluation) -> None:
    """Each tokenizer by language, then side by side, then what is odd about its vocabulary."""
    for one in result.tokenizers:
        if one.rows:
            console.print(_languages(one, result.text))
        if one.parallel:
            console.print(_parallel(one, result.parallel_lines))
    if len(result.tokenizers) > 1 and result.tokenizers[0].rows:
        console.print(_side_by_side(result.tokenizers))
    console.print(_summary(result.tokenizers))
    for one in result.tokenizers:
        _print_places(console, one.concentrated, f"{one.name}: tokens of one place")


def _languages(one: TokenizerEvaluation, text: str) -> Table:
    title = f"{one.name} ({one.vocab_size:,} tokens) on {text}"
    columns = ["documents", "text", "tokens", "bytes/token", "chars/token", "tokens/word"]
    table = table_of(title, ["language"], [*columns, "1-token words", "cut words", "ids used"])
    documents = counts_as(row.documents for row in one.rows)
    tokens = counts_as(row.tokens for row in one.rows)
    for row in one.rows:
        table.add_row(
            row.language,
            documents(row.documents),
            show_bytes(row.bytes),
            tokens(row.tokens),
            _number(row.bytes_per_token),
            _number(row.characters_per_token),
            _number(row.fertility),
            _percent(row.single),
            _percent(row.continued),
            f"{row.used:,}",
        )
    return table


def _parallel(one: TokenizerEvaluation, lines: int) -> Table:
    title = f"{one.name} on {lines:,} parallel lines"
    table = table_of(title, ["language"], ["tokens", "tokens/line", "x English", "bytes/token"])
    for row in one.parallel:
        table.add_row(
            row.language,
            f"{row.tokens:,}",
            _number(row.tokens_per_document),
            _number(one.premiums.get(row.language, math.nan)),
            _number(row.bytes_per_token),
        )
    return table


def _side_by_side(tokenizers: Sequence[TokenizerEvaluation]) -> Table:
    table = table_of("Bytes per token", ["language"], [one.name for one in tokenizers])
    for place, row in enumerate(tokenizers[0].rows):
        values = [_number(one.rows[place].bytes_per_token) for one in tokenizers]
        table.add_row(row.language, *values)
    table.add_section()
    table.add_row("all", *(_number(one.bytes_per_token) for one in tokenizers), style="bold")
    return table


def _summary(tokenizers: Sequence[TokenizerEvaluation]) -> Table:
    table = table_of("Over all languages", [""], [one.name for one in tokenizers])
    for name, values in summary(tokenizers):
        if any(values):
            table.add_row(name, *values)
    return table


def summary(tokenizers: Sequence[TokenizerEvaluation]) -> list[tuple[str, list[str]]]:
    """The measures that a tokenizer has once: names, and a value each; empty if it has none."""
    rows = [
        ("bytes per token", [_number(one.bytes_per_token) for one in tokenizers]),
        ("Gini, tokens per byte", [_number(one.gini) for one in tokenizers]),
        ("max/min, tokens per byte", [_number(one.max_min) for one in tokenizers]),
        ("Gini, parallel lines", [_number(one.parallel_gini) for one in tokenizers]),
        ("max/min, parallel lines", [_number(one.parallel_max_min) for one in tokenizers]),
        ("Rényi efficiency", [_number(one.renyi_efficiency) for one in tokenizers if one.rows]),
        ("vocabulary used", [_percent(one.use) for one in tokenizers if one.rows]),
    ]
    found = [one.vocabulary for one in tokenizers if one.vocabulary is not None]
    counts = {
        "never produced": [len(one.unreachable) for one in found],
        "parts of characters": [len(one.partial) for one in found],
        "near duplicates": [one.duplicated for one in found],
        "long runs": [len(one.runs) for one in found],
        "special tokens": [one.special for one in found],
        "ids without a token": [one.holes for one in found],
    }
    return rows + [(name, [f"{number:,}" for number in mine]) for name, mine in counts.items()]


def audit(console: Console, result: TokenAudit) -> None:
    """Each stage and language, then the tokens that are never or seldom read."""
    console.print(_stages(result))
    console.print(_audited_languages(result))
    unread = [one.text for one in result.special if not sum(one.stages)]
    if unread:
        named = ", ".join(unread[:SHOWN]) + ", ..." * (len(unread) > SHOWN)
        told = f"{len(unread):,} special tokens are never read: {named}"
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    if result.holes:
        console.print(f"{result.holes:,} ids have no token", highlight=False)
    names = [stage.stage for stage in result.stages]
    _print_seen(console, result.never, names, "Never read")
    _print_seen(console, result.rare, names, f"Read fewer than {result.rare_below:,} times")
    _print_places(console, result.concentrated, "Tokens of one place")
    share = _percent(result.never_share)
    console.print(
        f"{len(result.never):,} of {result.tokens:,} tokens ({share}) are never read, "
        f"{len(result.rare):,} seldom; every id: {result.table}",
        highlight=False,
        soft_wrap=True,
    )


def _stages(result: TokenAudit) -> Table:
    title = f"{result.run}: tokens by stage"
    columns = ["tokens", "special", "never read", f"under {result.rare_below:,}"]
    table = table_of(title, ["stage"], columns)
    for one in result.stages:
        counts = (one.tokens, one.special_tokens, one.never, one.rare)
        table.add_row(one.stage, *(f"{count:,}" for count in counts))
    return table


def _audited_languages(result: TokenAudit) -> Table:
    columns = ["tokens", "ids used", f"under {result.rare_below:,}"]
    table = table_of("All stages, by language", ["language"], columns)
    for one in result.languages:
        table.add_row(one.language, f"{one.tokens:,}", f"{one.used:,}", f"{one.rare:,}")
    return table


def _print_seen(
    console: Console, tokens: Sequence[SeenToken], names: Sequence[str], title: str
) -> None:
    if not tokens:
        return
    table = table_of(f"{title}: {len(tokens):,} tokens{_first(tokens)}", ["token"], ["id", *names])
    table.add_column("mostly from", overflow="fold")
    for one in tokens[:SHOWN]:
        stages = (f"{count:,}" for count in one.stages)
        table.add_row(token(one.text), f"{one.id}", *stages, one.source or REASONS[one.note])
    console.print(table)


def _print_places(console: Console, found: Sequence[TokenPlace], title: str) -> None:
    if not found:
        return
    columns = ["id", "times", "documents"]
    table = table_of(f"{title}: {len(found):,}{_first(found)}", ["token"], columns)
    table.add_column("place", overflow="fold")
    for one in found[:SHOWN]:
        times, documents = show_count(one.count), f"{one.documents:,}"
        table.add_row(token(one.text), f"{one.id}", times, documents, place(one))
    console.print(table)


def place(one: TokenPlace) -> str:
    """Where a token is from: the document if it has most of it, else the source."""
    if one.document_share >= CONCENTRATED:
        return f"{_percent(one.document_share)} in {one.document} of {one.source}"
    expected = f"{_percent(one.expected_share)} expected"
    return f"{_percent(one.source_share)} in {one.source} ({expected})"


def token(text: str) -> str:
    """A token in quotes, its ends and what has no shape visible; cut if long."""
    from rich.markup import escape

    cut = text if len(text) <= LETTERS else f"{text[:LETTERS]}..."
    return escape(repr(cut).replace("\\\\", "\\"))


def _first(rows: Sequence[object]) -> str:
    return f", the first {SHOWN}" if len(rows) > SHOWN else ""


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f}%"
