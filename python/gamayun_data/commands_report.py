"""The command that writes a run as a page."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.options import RUN
from gamayun_data.terminal import guarded, look, shown_progress, verbs


@click.command()
@RUN
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The page.  [default: report.html in RUN]",
)
@click.option("--verify", "checked", is_flag=True, help="Verify the run first, and say so in it.")
@guarded
def report(run: Path, *, output: Path | None, checked: bool) -> None:
    """Write RUN as one page with plots: mixture, epochs, losses, lengths, tokens, alarms."""
    from gamayun_data import page_run, provenance

    result = None
    if checked:
        with shown_progress() as progress:
            result = verbs().verify(run, progress=progress)
    path = page_run.run_page(run, verification=result).write(output or run / provenance.PAGE)
    look(f"wrote {path}")
