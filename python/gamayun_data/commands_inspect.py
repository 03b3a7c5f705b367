"""The commands that look and change nothing: verify, explain and recipe."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gamayun_data import config
from gamayun_data.errors import ConfigError
from gamayun_data.options import FILE, JSON, MEMORY, RUN, THREADS, read
from gamayun_data.terminal import FAILED, guarded, look, shown_progress, tell, verbs


def number_or_all(value: str) -> int | None:
    """Read a number of documents, or `all`."""
    if value == "all":
        return None
    if not value.isdecimal():
        raise ConfigError(f"expected a number or all, found {value!r}")
    return int(value)


@click.command()
@RUN
@click.option(
    "--fast", is_flag=True, help="Look at the records and the block hashes of the shards only."
)
@click.option(
    "--sample",
    callback=read(number_or_all),
    default="200",
    show_default=True,
    metavar="N",
    help="Documents to encode again; `all` finds what was changed together with its hashes.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, help="Draws those documents.", metavar="N"
)
@THREADS
@MEMORY
@JSON
@guarded
def verify(run: Path, *, as_json: bool, **options: object) -> None:
    """Recompute what the manifests of RUN claim; exit code 1 if anything is wrong."""
    with shown_progress() as progress:
        result = verbs().verify(run, progress=progress, **options)
    tell(result, "verification", as_json=as_json)
    sys.exit(0 if result.ok else FAILED)


@click.command()
@RUN
@click.argument("document", metavar="ID")
@JSON
@guarded
def explain(run: Path, document: str, *, as_json: bool) -> None:
    """Why the document ID of RUN was kept or dropped.

    ID is yours, or a DocId of 32 hexadecimal digits or the first few of them.
    """
    tell(verbs().explain(run, document), "explanation", as_json=as_json)


@click.group()
def recipe() -> None:
    """Write or check a recipe."""


@recipe.command("init")
@click.argument("file", type=click.Path(path_type=Path), default="recipe.toml")
@guarded
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
    look(f"wrote {file}; try: gamayun-data curate --sample --recipe {file} -o RUN")


@recipe.command("check")
@click.argument("file", type=FILE)
@click.option("--strict", is_flag=True, help="Take what the lint finds in stages for an error.")
@JSON
@guarded
def recipe_check(file: Path, *, as_json: bool, strict: bool) -> None:
    """Check the recipe FILE and print it with all its defaults.

    What the lint finds in its stages, without knowing the pools, is told too.
    """
    result = config.load(file)
    tell(result, "recipe", as_json=as_json)
    found = verbs("lint").of_stages(result.stages)
    look(*map(str, found))
    if strict:
        verbs("lint").refuse(found)
    look(f"{file}: ok, config {config.config_hash(result)}")
