"""The command that takes documents out of shards."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.errors import ConfigError
from gamayun_data.options import FILE, JSON, RUN, THREADS
from gamayun_data.terminal import guarded, look, shown_progress, tell


def _lines(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> list[str]:
    """The lines of a file that are not empty."""
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8: {error}", path=path) from error
    return [line.strip() for line in lines if line.strip()]


@click.command("remove")
@RUN
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="HOST",
    help="Documents whose `url` is at this host or below it. Repeatable.",
)
@click.option(
    "--ids", type=FILE, callback=_lines, metavar="FILE", help="Ids, yours or DocIds, one a line."
)
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="A whole source. Repeatable."
)
@click.option("--apply", is_flag=True, help="Do it; without this, only tell what would change.")
@THREADS
@JSON
@guarded
def shards_remove(run: Path, *, as_json: bool, **options: object) -> None:
    """Take documents out of the selection and shards of RUN, and say so in every record.

    Tells which shards have any. Shards without stay as they are; stages lose what their pools lost.
    """
    from gamayun_data import removing

    with shown_progress() as progress:
        result = removing.remove_documents(run, progress=progress, **options)  # type: ignore[arg-type]
    tell(result, "removal", as_json=as_json, module="report_removal")
    if not result.done and result.documents:
        look("nothing has changed; --apply removes them")
