"""The commands of counts: pretokens counted once, added up, shown, and trained from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gamayun_data.options import FILE, JSON, MEMORY, THREADS, read, size, together
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs

if TYPE_CHECKING:
    from types import ModuleType

_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The file of counts to write.",
)


def _verbs() -> ModuleType:
    """Imported late, so that `--help` answers at once."""
    from gamayun_data import count_files

    return count_files


def _tell(result: object, show: str, *, as_json: bool) -> None:
    if as_json:
        tell(result, show, as_json=True)
        return
    from rich.console import Console

    from gamayun_data import report_counts

    getattr(report_counts, show)(Console(), result)


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@click.command("count")
@click.argument("sources", nargs=-1, required=True)
@_OUTPUT
@click.option("--language", metavar="LANG", help="Language of the records.  [default: und]")
@click.option("--language-column", metavar="NAME", help="Column with each record's language.")
@click.option("--split", metavar="NAME", help="Split pattern.  [default: gamayun]")
@click.option("--text-column", metavar="NAME", help="Column with the text.  [default: text]")
@click.option("--format", type=click.Choice(["jsonl", "parquet", "text"]), help="Of the input.")
@click.option(
    "--text-unit",
    type=click.Choice(["file", "line"]),
    help="What a document is in plain text.  [default: file]",
)
@click.option(
    "--on-bad-record",
    type=click.Choice(["reject", "fail"]),
    help="Count a bad record by its reason, or stop.  [default: reject]",
)
@click.option(
    "--max-document-bytes",
    callback=read(size),
    metavar="SIZE",
    help="Reject longer documents.  [default: 64M]",
)
@THREADS
@MEMORY
@JSON
@guarded
def tokenizer_count(
    sources: tuple[str, ...], output: Path, *, as_json: bool, **options: object
) -> None:
    """Count the pretokens of SOURCES (files, folders, globs, or one run) once, into a file."""
    with shown_progress() as progress:
        result = _verbs().count_pretokens(sources, output, progress=progress, **_asked(options))
    _tell(result, "counts", as_json=as_json)
    look(f"train from it: gamayun-data tokenizer train --counts {output} -o tokenizer.json")


@click.command("merge-counts")
@click.argument("files", nargs=-1, required=True, type=FILE)
@_OUTPUT
@JSON
@guarded
def tokenizer_merge_counts(files: tuple[Path, ...], output: Path, *, as_json: bool) -> None:
    """Add up FILES of counts, made with one split pattern, as on several machines."""
    with shown_progress() as progress:
        result = _verbs().merge_counts(files, output, progress=progress)
    _tell(result, "counts", as_json=as_json)


@click.command("show-counts")
@click.argument("file", type=FILE)
@JSON
@guarded
def tokenizer_show_counts(file: Path, *, as_json: bool) -> None:
    """Show what a FILE of counts holds, having read every byte of it."""
    _tell(_verbs().describe_counts(file), "counts", as_json=as_json)


COUNTED = together(
    click.option("--counts", type=FILE, metavar="FILE", help="Train from a file of counts."),
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="With --counts: the tokenizer.json to write.",
    ),
    click.option(
        "--reserved",
        type=click.IntRange(0, 65_536),
        metavar="N",
        help="Spare special tokens <|reserved_0|>, ...  [default: 0]",
    ),
    click.option(
        "--max-token-length",
        type=click.IntRange(min=2),
        metavar="BYTES",
        help="Tokens have fewer bytes.",
    ),
    click.option(
        "--min-pretoken-count",
        type=click.IntRange(min=1),
        metavar="N",
        help="Leave out pretokens that occur less often.  [default: 1]",
    ),
)
ALONE = ("counts", "output")


def train_counted(
    run: Path | None,
    options: dict[str, Any],
    *,
    parity: dict[str, Any] | None,
    as_json: bool,
) -> bool:
    """Train from `--counts` if it is given, taking its options out; else see that none is there."""
    own = {name: options.pop(name) for name in ALONE}
    asked = {name: value for name, value in (own | options).items() if value is not None}
    counts = asked.pop("counts", None)
    if counts is None:
        extra = [name for name in ALONE if name in asked]
        if extra:
            raise click.UsageError(f"--{extra[0].replace('_', '-')} needs --counts")
        if run is None:
            raise click.UsageError("name a RUN, or a file with --counts")
        return False
    if run is not None or "output" not in asked:
        raise click.UsageError("--counts needs -o FILE, and no RUN")
    if {"recipe", "split"} & set(asked) or isinstance(asked.get("weights"), str):
        raise click.UsageError("--counts has its split in FILE, and takes weights such as ru=2")
    output = asked.pop("output")
    with shown_progress() as progress:
        if parity is None:
            result = _verbs().train_to_file(counts, output, progress=progress, **asked)
            _tell(result, "counted_tokenizer", as_json=as_json)
            return True
        unfit = {"min_pretoken_count", "memory"} & set(asked)
        if unfit:
            raise click.UsageError(f"--{min(unfit).replace('_', '-')} does not go with --parity")
        train = verbs("fair_run").train_fair_counts
        fair = train(counts, output, progress=progress, **asked, **parity)
    tell(fair, "fair_training", as_json=as_json, module="report_fair")
    return True
