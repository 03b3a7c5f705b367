"""The commands of indexes: build, merge and show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gamayun_data.options import JSON, MEMORY, RUN, THREADS
from gamayun_data.terminal import FAILED, guarded, shown_progress, tell

if TYPE_CHECKING:
    from types import ModuleType

    from gamayun_data.results import IndexSummary

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="INDEX",
    help="Folder of the index; it must not be there.",
)


def _indexes() -> ModuleType:
    """Imported late, so that `--help` answers at once."""
    from gamayun_data import indexes

    return indexes


def _tell(result: IndexSummary, *, as_json: bool) -> None:
    if as_json:
        tell(result, "index", as_json=True)
        return
    from rich.console import Console

    from gamayun_data import report_index

    report_index.index(Console(), result)


@click.group()
def index() -> None:
    """What earlier runs kept, for later runs to be compared with (curate --against)."""


@index.command("build")
@RUN
@_OUTPUT
@THREADS
@MEMORY
@JSON
@guarded
def index_build(run: Path, output: Path, *, as_json: bool, **options: object) -> None:
    """Index the documents that the finished RUN kept, so that RUN itself is not needed any more."""
    with shown_progress() as progress:
        result = _indexes().build_index(run, output=output, progress=progress, **options)
    _tell(result, as_json=as_json)


@index.command("merge")
@click.argument("indexes", nargs=-1, required=True, type=_FOLDER)
@_OUTPUT
@THREADS
@MEMORY
@JSON
@guarded
def index_merge(
    indexes: tuple[Path, ...], output: Path, *, as_json: bool, **options: object
) -> None:
    """Merge INDEXES: what two of them hold is written once."""
    with shown_progress() as progress:
        result = _indexes().merge_indexes(indexes, output=output, progress=progress, **options)
    _tell(result, as_json=as_json)


@index.command("show")
@click.argument("index", type=_FOLDER)
@click.option("--check", is_flag=True, help="Read every byte; exit code 1 if anything is wrong.")
@THREADS
@JSON
@guarded
def index_show(index: Path, *, as_json: bool, **options: object) -> None:
    """Show what INDEX holds and how it was made."""
    with shown_progress() as progress:
        result = _indexes().show_index(index, progress=progress, **options)
    _tell(result, as_json=as_json)
    sys.exit(FAILED if result.problems else 0)
