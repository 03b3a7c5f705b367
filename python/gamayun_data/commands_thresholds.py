"""The command that shows language thresholds before they are used."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.options import FILE, JSON, LID_MODEL, THREADS
from gamayun_data.terminal import guarded, look, tell, verbs


def show_thresholds(run: Path, *, as_json: bool) -> None:
    """Print the thresholds that the scores of a run give."""
    found = verbs("thresholds").run_thresholds(run)
    tell(found, "data_thresholds", as_json=as_json, module="report_thresholds")
    if not as_json:
        look(
            "`gamayun-data curate` with the same arguments goes on; --language-threshold overrides"
        )


@click.command("thresholds")
@click.argument(
    "run", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--labelled",
    type=FILE,
    multiple=True,
    metavar="TSV",
    help="Lines of label, tab, text, of other languages too. May be given again.",
)
@click.option(
    "--precision",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.99,
    show_default=True,
    help="Share of a language's answers, above the threshold, that must be right.",
)
@LID_MODEL
@click.option("--langs", metavar="LIST", help="Languages, such as en,ru.  [default: all labelled]")
@THREADS
@JSON
@guarded
def curate_thresholds(
    run: Path | None,
    *,
    labelled: tuple[Path, ...],
    langs: str | None,
    as_json: bool,
    **options: object,
) -> None:
    """Language thresholds before they are used.

    From the scores of RUN, max(0.3, min(0.9, median - deviation)) of each language; or, with
    --labelled, the least thresholds at which so many answers of the model are right.
    """
    if (run is None) == (not labelled):
        raise click.UsageError("name a RUN, or --labelled text")
    if run is not None:
        show_thresholds(run, as_json=as_json)
        return
    asked = None if langs is None else [one.strip() for one in langs.split(",")]
    found = verbs("thresholds").precision_thresholds(labelled, langs=asked, **options)
    tell(found, "precision_thresholds", as_json=as_json, module="report_thresholds")
