"""The command that cleans files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gamayun_data import cleaning
from gamayun_data.options import FILE, JSON, READING, THREADS, read, together
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs


def _names(known: str) -> Callable[[str], Any]:
    """A reader of a list of names, of `all`, or of `none`."""

    def parse(value: str) -> Any:  # noqa: ANN401
        return () if value == "none" else cleaning.CLEAN_KEYS[known](value, f"--{known}")

    return parse


WHAT = together(
    click.option(
        "--repair",
        callback=read(_names("repair")),
        metavar="LIST",
        help=f"Some of {', '.join(cleaning.REPAIRS)}; or all, or none.  [default: all]",
    ),
    click.option(
        "--private",
        callback=read(_names("private")),
        metavar="LIST",
        help=f"Some of {', '.join(cleaning.PRIVATE)}; or all, or none.  [default: all]",
    ),
    click.option(
        "--lines",
        callback=read(_names("lines")),
        metavar="LIST",
        help=f"Lines that go: some of {', '.join(cleaning.LINES)}; or all.  [default: none]",
    ),
    click.option(
        "--phrases", type=FILE, metavar="FILE", help="Further lines that go, a line each."
    ),
    click.option(
        "--lang", "language", metavar="CODE", help="The language of the texts, for lines."
    ),
)
WHERE = together(
    click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        required=True,
        metavar="OUT",
        help="The file to write: OUT.jsonl or OUT.jsonl.zst.",
    ),
    click.option(
        "--changes",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="PARQUET",
        help="A table of what was changed in each text, which leads back.",
    ),
    click.option(
        "--keep-originals",
        is_flag=True,
        help="Keep what was private in the table of changes.",
    ),
)


@click.command("clean")
@click.argument("files", nargs=-1, required=True)
@WHERE
@WHAT
@READING
@THREADS
@JSON
@guarded
def clean(files: tuple[str, ...], output: Path, *, as_json: bool, **options: object) -> None:
    """Clean the texts of FILES into one file; all other fields stay as they are.

    FILES are files, folders, globs, or - for stdin. Records that cannot be read are named in
    OUT.rejected.jsonl.
    """
    asked = {name: value for name, value in options.items() if value is not None}
    with shown_progress() as progress:
        found = verbs("cleaned_files").clean_files(files, output, progress=progress, **asked)
    tell(found, "cleaned_files", as_json=as_json, module="report_cleaned", to_stderr=not as_json)
    for tail in found.lost_tails:
        look(f"lost: {tail}")
