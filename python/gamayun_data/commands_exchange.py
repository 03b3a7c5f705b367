"""The commands that change what a tokenizer is written as: export, diff, extend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gamayun_data.options import FILE, JSON, read, together, weights
from gamayun_data.terminal import guarded, look, say

if TYPE_CHECKING:
    from gamayun_data.tokenizer import Tokenizer

FORMATS = ("json", "tiktoken", "vocab-merges")
SOURCE = click.Path(exists=True, path_type=Path)
OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="PATH",
    help="What to write.",
)
READING = together(
    click.option(
        "--split",
        metavar="SPLIT",
        help="How text is cut, for ranks and merges: a name, or regex:REGEX.",
    ),
    click.option(
        "--special-token",
        "special_tokens",
        multiple=True,
        metavar="TOKEN=ID",
        help="A special token of ranks or merges. Repeatable.",
    ),
)


@click.command("export")
@click.argument("source", type=SOURCE, metavar="TOKENIZER")
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    default="json",
    show_default=True,
    help="tokenizer.json, tiktoken ranks, or a folder with vocab.json and merges.txt.",
)
@OUTPUT
@READING
@JSON
@guarded
def tokenizer_export(
    source: Path,
    *,
    format: str,
    output: Path,
    split: str | None,
    special_tokens: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a tokenizer for another tool."""
    from gamayun_data import exchange

    made = _load(source, split, special_tokens)
    written = exchange.export_tokenizer(made, output, format=format)  # type: ignore[arg-type]
    say(written, [f"wrote {path}" for path in written.files], as_json=as_json)
    if written.split:
        specials = " ".join(f"--special-token '{t}={n}'" for t, n in written.special_tokens.items())
        look(f"not in the files: --split '{written.split}' {specials}".rstrip())


@click.command("diff")
@click.argument("old", type=SOURCE)
@click.argument("new", type=SOURCE)
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a row for each new token: Parquet, or TSV by its name.",
)
@READING
@JSON
@guarded
def tokenizer_diff(
    old: Path,
    new: Path,
    *,
    map_file: Path | None,
    split: str | None,
    special_tokens: tuple[str, ...],
    as_json: bool,
) -> None:
    """Which tokens of NEW the vocabulary OLD has, and of which old pieces the others are made."""
    from gamayun_data import exchange

    both = (_load(path, split, special_tokens) for path in (old, new))
    found = exchange.diff_tokenizers(*both)
    if map_file:
        found.save(map_file)
        look(f"a row for each new token: {map_file}")
    lines = [f"{name.replace('_', ' '):12} {value:,.6g}" for name, value in found.summary().items()]
    say(found.summary(), lines, as_json=as_json)


@click.command("extend")
@click.argument("source", type=SOURCE, metavar="TOKENIZER")
@click.option("--counts", type=FILE, required=True, metavar="FILE", help="A table of pretokens.")
@click.option(
    "--vocab-size",
    type=click.IntRange(min=257),
    required=True,
    metavar="N",
    help="Ids of the larger vocabulary.",
)
@click.option(
    "--min-frequency",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="A pair seen less often is not merged.",
)
@click.option(
    "--weights",
    "factors",
    callback=read(weights),
    metavar="WEIGHTS",
    help="Factors of languages such as ru=2,de=1.5.",
)
@OUTPUT
@READING
@guarded
def tokenizer_extend(
    source: Path,
    *,
    counts: Path,
    vocab_size: int,
    min_frequency: int,
    factors: dict[str, float] | None,
    output: Path,
    split: str | None,
    special_tokens: tuple[str, ...],
) -> None:
    """Train further merges for a tokenizer on a table of pretokens; its ids stay."""
    from gamayun_data import exchange
    from gamayun_data.counting import PretokenCounts

    old, table = _load(source, split, special_tokens), PretokenCounts.load(counts)
    made = exchange.extend_tokenizer(
        old, table, vocab_size, min_frequency=min_frequency, weights=factors
    )
    made.save(output)
    look(f"{made.vocab_size:,} ids, {made.vocab_size - old.vocab_size:,} of them new: {output}")


def _load(path: Path, split: str | None, special_tokens: tuple[str, ...]) -> Tokenizer:
    from gamayun_data import exchange

    specials = {}
    for pair in special_tokens:
        token, _, number = pair.rpartition("=")
        if not (token and number.isdigit()):
            raise click.BadParameter(f"expected TOKEN=ID, found {pair!r}")
        specials[token] = int(number)
    return exchange.load_tokenizer(path, split=split, special_tokens=specials)
