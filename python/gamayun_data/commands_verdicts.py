"""The commands that look at verdicts: a row each, a waterfall, and two runs side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from gamayun_data.errors import ConfigError
from gamayun_data.options import JSON, RUN
from gamayun_data.terminal import guarded, look, shown_progress, tell, verbs

FOLDER = click.Path(file_okay=False, path_type=Path)
CURATED = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("verdicts")
@RUN
@click.option("-o", "--output", type=FOLDER, required=True, metavar="DIR", help="A new folder.")
@click.option("--all", "everything", is_flag=True, help="Also documents kept as they are.")
@JSON
@guarded
def curate_verdicts(run: Path, *, output: Path, as_json: bool, everything: bool) -> None:
    """A row for each document that was dropped or changed: step, rule, value, threshold."""
    with shown_progress() as progress:
        result = verbs("verdicts").save_verdicts(
            run, output, everything=everything, progress=progress
        )
    tell(result, "verdict_rows", as_json=as_json, module="report_verdicts")
    look(f"read them: {output}/part-*.parquet")


@click.command("waterfall")
@RUN
@click.option("--lang", metavar="XX", help="This language alone, reason by reason.")
@JSON
@guarded
def curate_waterfall(run: Path, *, lang: str | None, as_json: bool) -> None:
    """How many documents of each language are left after each step."""
    with shown_progress() as progress:
        result = verbs("waterfall").retention_waterfall(run, progress=progress)
    if lang is not None:
        chosen = tuple(one for one in result.languages if one.language == lang)
        if not chosen:
            known = ", ".join(one.language for one in result.languages)
            raise ConfigError(f"--lang {lang}: the run has no document of it, only {known}")
        result = replace(result, languages=chosen)
    tell(result, "waterfall", as_json=as_json, module="report_verdicts")


@click.command("compare")
@click.argument("before", type=CURATED)
@click.argument("after", type=CURATED)
@click.option(
    "-o", "--output", type=FOLDER, metavar="DIR", help="Write a row for each changed verdict there."
)
@JSON
@guarded
def curate_compare(before: Path, after: Path, *, output: Path | None, as_json: bool) -> None:
    """Which documents changed verdict between two runs, and why.

    Documents are matched by DocId: the name of the source and your id, or the text.
    """
    with shown_progress() as progress:
        result = verbs("run_comparison").compare_runs(
            before, after, output=output, progress=progress
        )
    tell(result, "comparison", as_json=as_json, module="report_verdicts")
    if output is not None:
        look(f"every changed verdict: {output}/part-*.parquet")
