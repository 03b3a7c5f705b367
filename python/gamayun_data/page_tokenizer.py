"""Measured tokenizers as a page of their own: tables and plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gamayun_data.page import Page
from gamayun_data.report_tokenizer import REASONS, place, summary, token

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gamayun_data.evaluated import (
        Evaluation,
        EvaluationRow,
        SeenToken,
        TokenAudit,
        TokenizerEvaluation,
        TokenPlace,
    )
    from gamayun_data.page import Cell

    Rows = list[list[Cell]]

SHOWN: Final = 200
"""Tokens of a list on a page; `--json` has all."""
MEASURES: Final[tuple[tuple[str, str, Callable[[EvaluationRow], float]], ...]] = (
    ("Bytes per token (more is better)", "bytes", lambda row: row.bytes_per_token),
    ("Characters per token (more is better)", "characters", lambda row: row.characters_per_token),
    ("Tokens per word (fewer is better)", "tokens", lambda row: row.fertility),
    ("Frequent words that are one token, STRR", "share", lambda row: row.single),
    ("Words that are cut", "share", lambda row: row.continued),
)


def evaluation(result: Evaluation) -> Page:
    """Every measure by language, side by side; then what each vocabulary holds."""
    page = Page(f"Tokenizers on {result.text}")
    names = [one.name for one in result.tokenizers]
    rows: Rows = [[name, *values] for name, values in summary(result.tokenizers) if any(values)]
    page.table("Over all languages", ["", *names], rows)
    if any(one.rows for one in result.tokenizers):
        page.heading("By language")
        for title, unit, measure in MEASURES:
            page.bars(title, _groups(result.tokenizers, measure), x=unit)
    if result.parallel_lines:
        _parallel(page, result)
    for one in result.tokenizers:
        _vocabulary(page, one)
    return page


def _groups(
    tokenizers: Sequence[TokenizerEvaluation], measure: Callable[[EvaluationRow], float]
) -> dict[str, dict[str, float | None]]:
    """The values of a measure: by language, then by tokenizer."""
    groups: dict[str, dict[str, float | None]] = {}
    for one in tokenizers:
        for row in one.rows:
            groups.setdefault(row.language, {})[one.name] = measure(row)
    return groups


def _parallel(page: Page, result: Evaluation) -> None:
    page.heading(f"On {result.parallel_lines:,} parallel lines")
    lines: dict[str, dict[str, float | None]] = {}
    premiums: dict[str, dict[str, float | None]] = {}
    for one in result.tokenizers:
        for row in one.parallel:
            lines.setdefault(row.language, {})[one.name] = row.tokens_per_document
        for language, premium in one.premiums.items():
            premiums.setdefault(language, {})[one.name] = premium
    page.bars("Tokens per line (fewer is better)", lines, x="tokens")
    if premiums:
        page.bars("Premium: tokens per token of English", premiums, x="times English")


def _vocabulary(page: Page, one: TokenizerEvaluation) -> None:
    found = one.vocabulary
    if found is None:
        return
    page.heading(f"Vocabulary of {one.name}")
    shares = sorted(found.scripts.items(), key=lambda pair: -pair[1])
    page.bars("What tokens are written in", {name: {"tokens": n} for name, n in shares}, x="tokens")
    out: Rows = [[token(each.text), each.note, each.id] for each in found.unreachable[:SHOWN]]
    _list(page, "Never produced", len(found.unreachable), ["token", "why", "id"], out, 2)
    runs: Rows = [[token(each.text), each.id] for each in found.runs[:SHOWN]]
    _list(page, "Long runs", len(found.runs), ["token", "id"], runs, 1)
    groups = sorted(found.duplicates, key=len, reverse=True)
    alike: Rows = [
        [" ".join(token(each.text) for each in group), len(group)] for group in groups[:SHOWN]
    ]
    _list(page, "Near duplicates", len(groups), ["tokens", "number"], alike, 1)
    _places(page, one.concentrated)


def audit(result: TokenAudit) -> Page:
    """Each stage and language, and the tokens that are never or seldom read."""
    page = Page(f"Tokens that training will see: {result.run}")
    page.text(
        f"{len(result.never):,} of {result.tokens:,} tokens of text are never read; "
        f"{len(result.rare):,} more are read fewer than {result.rare_below:,} times in all stages."
    )
    rare = f"under {result.rare_below:,}"
    stages: Rows = [
        [one.stage, one.tokens, one.special_tokens, one.never, one.rare] for one in result.stages
    ]
    page.table("Stages", ["stage", "tokens", "special", "never read", rare], stages)
    languages: Rows = [[one.language, one.tokens, one.used, one.rare] for one in result.languages]
    page.table("Languages, all stages", ["language", "tokens", "ids used", rare], languages)
    page.curves(
        "How often tokens are read, the most frequent first",
        _ranked(result),
        x="rank",
        y="times",
        log_x=True,
        log_y=True,
    )
    names = [one.stage for one in result.stages]
    _seen(page, "Never read", result.never, names)
    _seen(page, f"Read fewer than {result.rare_below:,} times", result.rare, names)
    _seen(page, "Special tokens", result.special, names)
    _places(page, result.concentrated)
    return page


def _ranked(result: TokenAudit) -> dict[str, list[tuple[float, float]]]:
    """Counts at ranks that are about equally far apart on an axis of powers."""
    return {
        one.stage: [(rank, count) for rank, count in one.ranked if count] for one in result.stages
    }


def _seen(page: Page, title: str, tokens: Sequence[SeenToken], names: Sequence[str]) -> None:
    rows: Rows = [
        [token(one.text), one.source or REASONS[one.note], one.id, *one.stages]
        for one in tokens[:SHOWN]
    ]
    _list(page, title, len(tokens), ["token", "mostly from", "id", *names], rows, 2)


def _places(page: Page, found: Sequence[TokenPlace]) -> None:
    rows: Rows = [
        [token(one.text), place(one), one.id, one.count, one.documents] for one in found[:SHOWN]
    ]
    columns = ["token", "place", "id", "times", "documents"]
    _list(page, "Tokens of one place", len(found), columns, rows, 2)


def _list(
    page: Page,
    title: str,
    number: int,
    columns: Sequence[str],
    rows: Rows,
    words: int,
) -> None:
    """A list of tokens, if there are any; it says how many there are in all."""
    if rows:
        first = f", the first {len(rows):,}" if number > len(rows) else ""
        page.table(f"{title}: {number:,}{first}", columns, rows, words=words)
