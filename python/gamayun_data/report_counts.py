"""Files of counts, and what was trained from them, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.units import show_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from gamayun_data.count_files import CountedTokenizer, CountsSummary


def counts(console: Console, result: CountsSummary) -> None:
    """What a file of counts holds."""
    for line in _counts(result):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _counts(result: CountsSummary) -> Iterator[str]:
    yield result.path
    yield f"  split       {result.split}"
    yield f"  pretokens   {result.pretokens:,} different, {show_bytes(result.pretoken_bytes)}"
    for row in result.languages:
        yield (
            f"  {row.language or '-':<12}{row.documents:,} documents, {show_bytes(row.bytes)}, "
            f"{row.pretokens:,} different pretokens"
        )
    for reason, number in result.rejected.items():
        yield f"  rejected    {number:,} {reason}"
    if result.first_rejected:
        yield f"  the first   {result.first_rejected}"


def counted_tokenizer(console: Console, result: CountedTokenizer) -> None:
    """A tokenizer trained from a file of counts."""
    head = f"{result.path}: {result.vocab_size:,} tokens"
    console.print(head, highlight=False, markup=False, soft_wrap=True)
    line = f"  trained on {result.pretokens:,} different pretokens in {result.seconds:.1f} s"
    if result.left_out:
        line += f"; {result.left_out:,} left out, which occur {result.occurrences_left_out:,} times"
    console.print(line, highlight=False, markup=False, soft_wrap=True)
    for note in result.notes:
        console.print(f"  note: {note}", highlight=False, markup=False, soft_wrap=True)
