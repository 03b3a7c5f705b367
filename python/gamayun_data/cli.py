"""The command line: each command reads its options, calls the verb of its name and reports.

stdout is data, stderr is talk. Exit codes: 0 done; 1 failed, or `verify` found something wrong;
2 refused before any work (usage, recipe, parameters); 130 interrupted (the same command resumes).
"""

from __future__ import annotations

import errno
import functools
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gamayun_data import config
from gamayun_data.errors import ConfigError, GamayunError
from gamayun_data.results import to_json

if TYPE_CHECKING:
    from types import ModuleType

    from rich.console import Console

    from gamayun_data.progress import Progress

FAILED, REFUSED, INTERRUPTED = 1, 2, 130

Command = TypeVar("Command", bound=Callable[..., Any])


def _pipeline() -> ModuleType:
    """The verbs. Imported late, like all that is slow, so that `--help` answers at once."""
    return importlib.import_module("gamayun_data.pipeline")


# --- around every command ---------------------------------------------------------------------


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors into one clear line on stderr and an exit code."""

    @functools.wraps(command)
    def run(*args: object, **options: object) -> None:
        try:
            command(*args, **options)
        except ConfigError as error:
            _fail(str(error), REFUSED)
        except GamayunError as error:
            _fail(str(error), FAILED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click ends quietly when nobody reads any more
            _fail(_system_message(error), FAILED)
        except KeyboardInterrupt:
            click.echo("interrupted; the same command resumes", err=True)
            sys.exit(INTERRUPTED)

    return run


def _fail(message: str, code: int) -> None:
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


def _system_message(error: OSError) -> str:
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}"


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.console import Console

    from gamayun_data import progress

    with progress.shown(Console(stderr=True)) as show:
        yield show


def _tell(result: object, show: str, *, as_json: bool) -> None:
    """Print a result: as JSON, or by the function of `report` that is named."""
    if as_json:
        click.echo(json.dumps(to_json(result), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    from gamayun_data import report

    printer: Callable[[Console, object], None] = getattr(report, show)
    printer(Console(), result)


def _look(*lines: str) -> None:
    """Say on stderr where to look."""
    for line in lines:
        click.echo(line, err=True)


# --- values of options ------------------------------------------------------------------------


def _read(parse: Callable[[Any], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Make a parser the callback of an option; what it refuses is a usage error."""

    def callback(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:  # noqa: ANN401
        try:
            return None if value is None else parse(value)
        except ConfigError as error:
            raise click.BadParameter(str(error)) from error

    return callback


def _bytes(value: str) -> int:
    return config.parse_bytes(value, "size")


def _thresholds(values: tuple[str, ...]) -> dict[str, float] | None:
    """Read `0.7` for all languages and `ru=0.7` for one."""
    return _factors(values, everything=config.EVERY_LANGUAGE) if values else None


def _weights(value: str) -> str | dict[str, float]:
    """Read `natural`, `stages`, or factors such as `ru=2,de=1.5`."""
    return _factors(value.split(",")) if "=" in value else value


def _factors(pairs: tuple[str, ...] | list[str], everything: str = "") -> dict[str, float]:
    factors = {}
    for pair in pairs:
        name, equals, number = pair.rpartition("=")
        try:
            factors[name if equals else everything] = float(number)
        except ValueError:
            raise click.BadParameter(f"expected NAME=NUMBER, found {pair!r}") from None
        if not (name or everything):
            raise click.BadParameter(f"expected NAME=NUMBER, found {pair!r}")
    return factors


def _options(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Apply options so that `--help` lists them in this order."""

    def apply(command: Command) -> Command:
        return functools.reduce(lambda inner, wrap: wrap(inner), reversed(decorators), command)

    return apply


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_RUN = click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
_THREADS = click.option(
    "--threads", type=click.IntRange(min=1), metavar="N", help="Threads; all cores by default."
)
_MEMORY = click.option(
    "--memory",
    callback=_read(_bytes),
    metavar="SIZE",
    help="Memory to stay within, such as 16G; a need above it is refused early.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="RUN",
    help="Folder of the run.",
)
_KEEP = click.option(
    "--keep",
    metavar="ORDER",
    help="Who survives of duplicates.  [default: priority,quality,longest,id]",
)
_RECIPE = click.option("--recipe", type=_FILE, metavar="FILE", help="Recipe file (TOML).")
_NEEDED_RECIPE = click.option(
    "--recipe", type=_FILE, metavar="FILE", required=True, help="Recipe file (TOML) with stages."
)
_TOKENIZER = click.option(
    "--tokenizer",
    type=_FILE,
    metavar="FILE",
    help="A byte-level tokenizer.json; that of the run by default.",
)

_READING = _options(
    click.option("--text-column", metavar="NAME", help="Column with the text.  [default: text]"),
    click.option("--id-column", metavar="NAME", help="Column with the id.  [default: id]"),
    click.option(
        "--format",
        type=click.Choice(["jsonl", "parquet", "text"]),
        help="Format of the input; its content decides by default.",
    ),
    click.option(
        "--text-unit",
        type=click.Choice(["file", "line"]),
        help="What a document is in plain text.  [default: file]",
    ),
    click.option(
        "--on-bad-record",
        type=click.Choice(["reject", "fail"]),
        help="Set a bad record aside with its reason, or stop.  [default: reject]",
    ),
    click.option(
        "--max-document-bytes",
        callback=_read(_bytes),
        metavar="SIZE",
        help="Reject longer documents.  [default: 64M]",
    ),
)
_JUDGING = _options(
    click.option(
        "--langs",
        metavar="LIST",
        help="Languages to keep, such as en,ru,de, or a preset.  [default: twelve]",
    ),
    click.option("--lid-model", type=_FILE, metavar="FILE", help="A fastText language model."),
    click.option(
        "--language-threshold",
        multiple=True,
        callback=_read(_thresholds),
        metavar="[LANG=]SCORE",
        help="Least language score, for all or one language; from the data by default. Repeatable.",
    ),
    _KEEP,
    click.option(
        "--decontaminate",
        multiple=True,
        callback=lambda _context, _parameter, value: value or None,
        metavar="FILES",
        help="Test sets that no document may hold: files, folders, globs. Repeatable.",
    ),
    click.option(
        "--decontaminate-fields",
        metavar="LIST",
        help="Fields of a test item to look for; those that usually ask by default.",
    ),
    click.option(
        "--decontaminate-action",
        type=click.Choice(["drop", "annotate"]),
        help="Drop the documents that hold test items, or only list them.  [default: drop]",
    ),
)


# --- the commands -----------------------------------------------------------------------------


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gamayun-data")
def cli() -> None:
    r"""Raw text in many languages to token shards whose mixture can be proven.

    \b
    Exit codes: 0 done; 1 failed, or verify found something wrong; 2 refused before
    any work (usage, recipe, parameters); 130 interrupted: the same command resumes.
    """


@cli.command()
@click.argument("sources", nargs=-1)
@_OUTPUT
@click.option("--sample", is_flag=True, help="Run on the bundled sample of twelve languages.")
@_RECIPE
@_JUDGING
@_READING
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Seed of every draw.")
@_THREADS
@_MEMORY
@click.option("--strict", is_flag=True, help="Stop when deduplication raises an alarm.")
@click.option("--dry-run", is_flag=True, help="Check everything, list the input, write nothing.")
@_JSON
@_guarded
def curate(sources: tuple[str, ...], output: Path, *, as_json: bool, **options: object) -> None:
    """Raw text to clean, deduplicated documents.

    SOURCES are files, folders, globs, or - for standard input: JSON Lines and plain text (plain,
    .gz, .zst) and Parquet. RUN is a new folder, or one that the same command began. With a
    recipe that has stages, the tokenizer is trained and the shards are built too.
    """
    if not (sources or options["sample"] or options["recipe"]):
        raise click.UsageError("nothing to read: name SOURCES, a --recipe with some, or --sample")
    with _progress() as progress:
        result = _pipeline().curate(sources, output=output, progress=progress, **options)
    _tell(result, "curation", as_json=as_json)
    if not options["dry_run"]:
        _look(f"documents: {output}/selection/*.parquet")
        _look(f"why one was dropped: gamayun-data explain {output} ID")
    if result.build is not None:
        _look(f"check the shards: gamayun-data verify {output}")


@cli.command()
@click.argument("sources", nargs=-1, required=True)
@_OUTPUT
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="JACCARD",
    help="Least shingle Jaccard with the kept document.  [default: 0.8]",
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(["paragraph", "line"]),
    help="Remove these too where many documents share them. Repeatable.",
)
@_KEEP
@_READING
@click.option("--strict", is_flag=True, help="Stop when an alarm is raised.")
@_THREADS
@_MEMORY
@_JSON
@_guarded
def dedup(sources: tuple[str, ...], output: Path, *, as_json: bool, **options: object) -> None:
    """Deduplicate files alone, without language scores and rules.

    Writes RUN/removed.parquet: every removed document with the one kept for it and their
    similarity. What is left is in RUN/selection.
    """
    with _progress() as progress:
        result = _pipeline().dedup(sources, output=output, progress=progress, **options)
    _tell(result, "curation", as_json=as_json)
    _look(f"removed, with evidence: {output}/removed.parquet")


@cli.group()
def tokenizer() -> None:
    """Train a tokenizer on a run, or measure one."""


@tokenizer.command("train")
@_RUN
@_RECIPE
@click.option("--vocab-size", type=click.IntRange(min=257), metavar="N", help="[default: 65024]")
@click.option(
    "--split", type=click.Choice(config.SPLITS), help="Split pattern.  [default: gamayun]"
)
@click.option(
    "--weights",
    callback=_read(_weights),
    metavar="WEIGHTS",
    help="stages, natural, or factors such as ru=2,de=1.5.  [default: stages]",
)
@click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=lambda _context, _parameter, value: value or None,
    help="The first one ends documents. Repeatable.  [default: <|endoftext|>]",
)
@click.option("--min-frequency", type=click.IntRange(min=1), metavar="N", help="[default: 2]")
@_THREADS
@_MEMORY
@_JSON
@_guarded
def tokenizer_train(run: Path, *, as_json: bool, **options: object) -> None:
    """Byte-level BPE from the selection of RUN."""
    with _progress() as progress:
        result = _pipeline().train_tokenizer(run, progress=progress, **options)
    _tell(result, "training", as_json=as_json)
    _look(f"measure it: gamayun-data tokenizer eval {run}")


@tokenizer.command("eval")
@_RUN
@_TOKENIZER
@_THREADS
@_JSON
@_guarded
def tokenizer_eval(run: Path, *, as_json: bool, **options: object) -> None:
    """Bytes per token and tokens per word, by language, on held-out text of RUN."""
    result = _pipeline().evaluate_tokenizer(run, **options)
    _tell(result, "evaluation", as_json=as_json)


@cli.command()
@_RUN
@_NEEDED_RECIPE
@_TOKENIZER
@_JSON
@_guarded
def plan(run: Path, *, as_json: bool, **options: object) -> None:
    """Tokens, shares and epochs of every stage, before any work.

    Estimated from a sample with its error; exact once RUN has been tokenised. A recipe that cannot
    be met is refused with the constraint that binds.
    """
    _tell(_pipeline().plan(run, **options), "plan", as_json=as_json)


@cli.group()
def shards() -> None:
    """Write token shards."""


@shards.command("build")
@_RUN
@_NEEDED_RECIPE
@_TOKENIZER
@_THREADS
@_MEMORY
@_JSON
@_guarded
def shards_build(run: Path, *, as_json: bool, **options: object) -> None:
    """Plan, tokenise, shuffle and write the shards of RUN, with a manifest a stage."""
    with _progress() as progress:
        result = _pipeline().build_shards(run, progress=progress, **options)
    _tell(result, "build", as_json=as_json)
    _look(f"check them: gamayun-data verify {run}")


@cli.command()
@_RUN
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=200,
    show_default=True,
    metavar="N",
    help="Documents to encode again.",
)
@_THREADS
@_JSON
@_guarded
def verify(run: Path, *, as_json: bool, **options: object) -> None:
    """Recompute what the manifests of RUN claim; exit code 1 if anything is wrong."""
    with _progress() as progress:
        result = _pipeline().verify(run, progress=progress, **options)
    _tell(result, "verification", as_json=as_json)
    sys.exit(0 if result.ok else FAILED)


@cli.command()
@_RUN
@click.argument("document", metavar="ID")
@_JSON
@_guarded
def explain(run: Path, document: str, *, as_json: bool) -> None:
    """Why the document ID of RUN was kept or dropped.

    ID is yours, or a DocId of 32 hexadecimal digits or the first few of them.
    """
    _tell(_pipeline().explain(run, document), "explanation", as_json=as_json)


@cli.group()
def recipe() -> None:
    """Write or check a recipe."""


@recipe.command("init")
@click.argument("file", type=click.Path(path_type=Path), default="recipe.toml")
@_guarded
def recipe_init(file: Path) -> None:
    """Write a commented recipe to FILE (recipe.toml); - is standard output."""
    if str(file) == "-":
        click.echo(config.template(), nl=False)
        return
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(config.template())
    except FileExistsError:
        raise ConfigError(f"{file}: stands there already; remove it or name another") from None
    _look(f"wrote {file}; try: gamayun-data curate --sample --recipe {file} -o RUN")


@recipe.command("check")
@click.argument("file", type=_FILE)
@_JSON
@_guarded
def recipe_check(file: Path, *, as_json: bool) -> None:
    """Check the recipe FILE and print it with all its defaults."""
    result = config.load(file)
    _tell(result, "recipe", as_json=as_json)
    _look(f"{file}: ok, config {config.config_hash(result)}")


def main() -> None:
    """Run the command line."""
    cli(prog_name="gamayun-data")


if __name__ == "__main__":
    main()
