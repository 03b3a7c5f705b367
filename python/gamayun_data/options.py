"""Options that commands share, and how the values of options are read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gamayun_data import config, schema
from gamayun_data.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])


def read(parse: Callable[[Any], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Make a parser the callback of an option; what it refuses is a usage error."""

    def callback(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:  # noqa: ANN401
        try:
            return None if value is None else parse(value)
        except ConfigError as error:
            raise click.BadParameter(str(error)) from error

    return callback


def some(
    _context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Read an option that may be repeated; none of it says nothing."""
    return value or None


def size(value: str) -> int:
    """Read a number of bytes such as `16G`."""
    return config.parse_bytes(value, "size")


def thresholds(values: tuple[str, ...]) -> dict[str, float] | None:
    """Read `0.7` for all languages and `ru=0.7` for one."""
    return _factors(values, everything=config.EVERY_LANGUAGE) if values else None


def split(value: str) -> str:
    """Read the name of a split pattern, or `regex:` and a regex."""
    return str(schema.choice_or("regex:", *config.SPLITS)(value, "split"))


def weights(value: str) -> str | dict[str, float]:
    """Read `natural`, `stages`, `equal`, `T=2`, or factors such as `ru=2,de=1.5`."""
    named = "=" not in value or value.startswith("T=")
    return value if named else _factors(value.split(","))


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


def together(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Apply options so that `--help` lists them in this order."""

    def apply(command: Command) -> Command:
        return functools.reduce(lambda inner, wrap: wrap(inner), reversed(decorators), command)

    return apply


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
RUN = click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
LID_MODEL = click.option(
    "--lid-model",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A language model: a file, or lid.176 or gamayun.  [default: lid.176]",
)
THREADS = click.option(
    "--threads", type=click.IntRange(min=1), metavar="N", help="Threads; all cores by default."
)
MEMORY = click.option(
    "--memory",
    callback=read(size),
    metavar="SIZE",
    help="Memory to stay within, such as 16G; a need above it is refused early.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="RUN",
    help="Folder of the run.",
)
REPAIR = click.option(
    "--repair",
    metavar="LIST",
    help="Repair texts: encoding, markup, invisible, homoglyphs, hyphens, spaced, or all.",
)
PRIVATE = click.option(
    "--private",
    metavar="LIST",
    help="Replace by examples: email, ip, phone, iban, card, secret, or all.",
)
OUTSIDE = together(
    REPAIR,
    PRIVATE,
    click.option(
        "--lines",
        "page_lines",
        metavar="LIST",
        help="Take out lines of the page around a text: boilerplate, symbols, or all.",
    ),
    click.option(
        "--phrases", type=FILE, metavar="FILE", help="Further lines that go, a line each."
    ),
    click.option(
        "--block-domains",
        multiple=True,
        callback=some,
        metavar="FILE",
        help="Drop documents whose url is of a host in this list. Repeatable.",
    ),
    click.option(
        "--block-urls",
        multiple=True,
        callback=some,
        metavar="FILE",
        help="Drop documents whose url is in this list. Repeatable.",
    ),
    click.option(
        "--segments",
        metavar="LIST",
        help="The languages of paragraphs: look at them, drop foreign paragraphs (foreign), drop "
        "documents of several (mixed), or all.",
    ),
)
KEEP = click.option(
    "--keep",
    metavar="ORDER",
    help="Who survives of duplicates.  [default: priority,quality,longest,id]",
)
AGAINST = together(
    click.option(
        "--against",
        multiple=True,
        callback=some,
        metavar="PATH",
        help="An earlier run, or an index: what it kept is not kept again. Repeatable.",
    ),
    click.option(
        "--against-action",
        type=click.Choice(["drop", "annotate"]),
        help="Drop what an earlier run has, or only list it.  [default: drop]",
    ),
)
SPLIT = click.option(
    "--split",
    callback=read(split),
    metavar="SPLIT",
    help="Split pattern: gamayun, gpt2, cl100k, o200k, tekken, qwen, with -right, -single, "
    "-threes or -run for digits; or regex:REGEX.  [default: gamayun]",
)
RECIPE = click.option("--recipe", type=FILE, metavar="FILE", help="Recipe file (TOML).")
NEEDED_RECIPE = click.option(
    "--recipe", type=FILE, metavar="FILE", required=True, help="Recipe file (TOML) with stages."
)
TOKENIZER = click.option(
    "--tokenizer",
    type=FILE,
    metavar="FILE",
    help="A byte-level tokenizer.json; that of the run by default.",
)

READING = together(
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
        callback=read(size),
        metavar="SIZE",
        help="Reject longer documents.  [default: 64M]",
    ),
)
JUDGING = together(
    click.option(
        "--langs",
        metavar="LIST",
        help="Languages to keep, such as en,ru,de, or a preset.  [default: twelve]",
    ),
    LID_MODEL,
    click.option(
        "--language-threshold",
        multiple=True,
        callback=read(thresholds),
        metavar="[LANG=]SCORE",
        help="Least language score, for all or one language; from the data by default. Repeatable.",
    ),
    KEEP,
    click.option(
        "--rehydrate",
        metavar="R",
        help="Read survivors up to R times, by their clusters' sizes; or fixed.  [default: 0]",
    ),
    OUTSIDE,
    click.option(
        "--scores",
        type=FILE,
        metavar="PARQUET",
        help="Scores from elsewhere: a column id, and a column for each score.",
    ),
    click.option(
        "--decontaminate",
        multiple=True,
        callback=some,
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
MEASURE = together(
    click.option(
        "--parallel",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="Compare languages on these lines, the same in several: .jsonl or .tsv with language, "
        "line, text. Repeatable.",
    ),
    click.option(
        "--targets",
        type=FILE,
        metavar="FILE",
        help="Compare languages by the bytes that each needs (TOML: ru = 1.88); those shipped by "
        "default.",
    ),
)
PARITY = together(
    click.option("--parity", is_flag=True, help="Let the language that pays the most choose next."),
    MEASURE,
    click.option(
        "--hybrid", type=click.IntRange(min=1), metavar="N", help="First so many classic tokens."
    ),
    click.option(
        "--window",
        type=click.IntRange(min=1),
        metavar="N",
        help="Pass over who had too many of the last N turns.",
    ),
    click.option(
        "--alpha",
        type=click.FloatRange(min=0),
        metavar="A",
        help="Too many: more than A equal shares.  [default: 2]",
    ),
)


def take_parity(options: dict[str, Any]) -> dict[str, Any] | None:
    """Take the options of `PARITY` out of others; none if parity is not asked for."""
    asked = options.pop("parity")
    names = ("parallel", "targets", "hybrid", "window", "alpha")
    # A zero is asked for; what was not given is None, or no files.
    given = {name: value for name in names if (value := options.pop(name)) not in (None, ())}
    if given and not asked:
        raise click.UsageError(f"--{next(iter(given))} says how to train with --parity")
    if "alpha" in given and "window" not in given:
        raise click.UsageError("--alpha says how to train with --window")
    return given if asked else None
