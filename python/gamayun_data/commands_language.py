"""The commands that train, measure and use language models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gamayun_data.options import FILE, JSON, READING, THREADS
from gamayun_data.terminal import guarded, shown_progress, tell, verbs

MODEL = click.Path(dir_okay=False, path_type=Path)
"""A file, or the name of a bundled one."""


@click.group("language")
def language() -> None:
    """Train a language model, measure one, or ask one."""


@language.command("train")
@click.option(
    "--data", type=FILE, multiple=True, required=True, metavar="TSV", help="Label first, text last."
)
@click.option(
    "--held-out",
    type=FILE,
    multiple=True,
    metavar="TSV",
    help="Texts of other sources, to calibrate with; otherwise one text in fifty is kept back.",
)
@click.option("--features", type=click.IntRange(min=1), help="N-grams and words at most.")
@click.option("--epochs", type=click.IntRange(min=1), help="Times that as many texts are drawn.")
@click.option("--seed", type=click.IntRange(min=0), help="Of all draws.")
@click.option("--provenance", default="", metavar="TEXT", help="Sources and licence, for the file.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="MODEL",
    help="The model.",
)
@JSON
@guarded
def language_train(*, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Train a language model on texts with labels."""
    given = {name: value for name, value in options.items() if value is not None}
    with shown_progress() as progress:
        made = verbs("language_models").train_language_model(progress=progress, **given)
    tell(made, "training", as_json=as_json, module="report_language")


@language.command("eval")
@click.argument("model", type=MODEL, required=False)
@click.option(
    "--data", type=FILE, multiple=True, required=True, metavar="TSV", help="Label first, text last."
)
@click.option("--langs", metavar="LIST", help="The languages that matter. [default: the twelve]")
@JSON
@guarded
def language_eval(
    model: Path | None, *, data: tuple[Path, ...], langs: str | None, as_json: bool
) -> None:
    """Measure MODEL, or the bundled one: accuracy, F1, leak, calibration, confusions."""
    targets = langs.split(",") if langs else None
    found = verbs("language_models").evaluate_language_model(model, data, targets=targets)
    tell(found, "evaluation", as_json=as_json, module="report_language")


@language.command("score")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--model", type=MODEL, metavar="MODEL", help="A file, or lid.176 or gamayun.")
@click.option("-k", type=click.IntRange(min=1), default=3, show_default=True, help="Labels a file.")
@click.option("--whole", is_flag=True, help="Read all of a long text, not 4 KiB spread evenly.")
@THREADS
@JSON
@guarded
def language_score(
    files: tuple[Path, ...],
    *,
    model: Path | None,
    k: int,
    whole: bool,
    threads: int | None,
    as_json: bool,
) -> None:
    """The languages of text files, each as one text, best first."""
    found = verbs("language_models").score_files(
        files, model=model, k=k, whole=whole, threads=threads
    )
    tell(found, "scores", as_json=as_json, module="report_language")


@language.command("segments")
@click.argument("files", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PARQUET",
    help="A table with a row for each document: its paragraphs and their languages.",
)
@click.option("--model", type=MODEL, metavar="MODEL", help="A file, or lid.176 or gamayun.")
@click.option("--lang", "language", metavar="CODE", help="The language of all documents.")
@click.option(
    "--min-letters",
    type=click.IntRange(20, 100_000),
    metavar="N",
    help="Paragraphs of fewer are not judged.  [default: 100]",
)
@click.option(
    "--min-share",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Documents with so much of other languages are mixed.  [default: 0.2]",
)
@READING
@THREADS
@JSON
@guarded
def language_segments(files: tuple[str, ...], *, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """The languages of the paragraphs of the documents in FILES, and which are mixed.

    FILES are files, folders, globs, or - for stdin: JSON Lines, Parquet or text.
    """
    given = {name: value for name, value in options.items() if value is not None}
    with shown_progress() as progress:
        found = verbs("segmented_files").segment_files(files, progress=progress, **given)
    tell(found, "segmented", as_json=as_json, module="report_language")
