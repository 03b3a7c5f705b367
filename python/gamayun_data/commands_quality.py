"""The commands that train, measure and run quality classifiers."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.options import FILE, JSON, MEMORY, THREADS, together
from gamayun_data.terminal import guarded, shown_progress, tell, verbs

POSITIVE = click.option(
    "--positive", multiple=True, required=True, metavar="PATH", help="Good documents. Repeatable."
)
NEGATIVE = click.option(
    "--negative", multiple=True, required=True, metavar="PATH", help="Bad documents. Repeatable."
)
LABEL = click.option(
    "--label", metavar="NAME", help="The label that is scored.  [default: the model's good one]"
)
READ = together(
    click.option(
        "--text-column", default="text", show_default=True, metavar="NAME", help="Where texts are."
    ),
    click.option(
        "--text-unit",
        type=click.Choice(["file", "line"]),
        default="file",
        show_default=True,
        help="What is a document in a text file.",
    ),
)
FEATURES = together(
    click.option("--lang", "language", metavar="CODE", help="The language of the documents."),
    click.option(
        "--words",
        type=click.Choice(["spaces", "segmented"]),
        default="spaces",
        show_default=True,
        help="Words are between spaces, or found by the language's segmenter.",
    ),
    click.option(
        "--word-ngrams", type=int, metavar="N", help="Longest n-gram of words.  [default: 2]"
    ),
    click.option(
        "--char-ngrams",
        type=(int, int),
        metavar="MIN MAX",
        help="N-grams of characters.  [default: none; 1 3 where there are no spaces]",
    ),
    click.option(
        "--cutoff",
        type=int,
        default=0,
        metavar="N",
        help="Rows that a quantised model (.ftz) keeps; 0: all.",
    ),
    click.option(
        "--min-count",
        type=int,
        default=1,
        show_default=True,
        metavar="N",
        help="Rarer words have no row of their own.",
    ),
    click.option(
        "--buckets",
        type=int,
        default=2_000_000,
        show_default=True,
        metavar="N",
        help="N-grams are hashed into so many rows.",
    ),
)
TRAINING = together(
    click.option(
        "--dim", type=int, default=100, show_default=True, metavar="N", help="Columns of a row."
    ),
    click.option(
        "--epochs",
        type=int,
        default=5,
        show_default=True,
        metavar="N",
        help="Times that each document is seen.",
    ),
    click.option(
        "--learning-rate",
        type=float,
        default=0.1,
        show_default=True,
        metavar="X",
        help="At the start; it falls to 0.",
    ),
    click.option(
        "--loss",
        type=click.Choice(["softmax", "hs", "ns", "ova"]),
        default="softmax",
        show_default=True,
        help="How labels are learnt: softmax, by a tree, against drawn ones, each for itself.",
    ),
    click.option(
        "--held-out",
        type=float,
        default=0.2,
        show_default=True,
        metavar="SHARE",
        help="Share of documents that training does not see, for the measures.",
    ),
    click.option(
        "--seed", type=int, default=0, show_default=True, metavar="N", help="Of all draws."
    ),
)


@click.group("quality")
def quality() -> None:
    """Train, measure and run quality classifiers."""


@quality.command("train")
@POSITIVE
@NEGATIVE
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="MODEL",
    help="The model; what is known of it goes beside, as .json.",
)
@FEATURES
@TRAINING
@READ
@THREADS
@MEMORY
@JSON
@guarded
def quality_train(
    positive: tuple[str, ...],
    negative: tuple[str, ...],
    output: Path,
    *,
    as_json: bool,
    **options: object,
) -> None:
    """Train a classifier of good and bad documents, in fastText's format."""
    with shown_progress() as progress:
        trained = verbs("quality").train_quality(
            positive, negative, output, progress=progress, **options
        )
    tell(trained, "quality_training", as_json=as_json, module="report_quality")


@quality.command("eval")
@click.argument("model", type=FILE)
@POSITIVE
@NEGATIVE
@LABEL
@READ
@THREADS
@JSON
@guarded
def quality_eval(
    model: Path,
    positive: tuple[str, ...],
    negative: tuple[str, ...],
    *,
    as_json: bool,
    **options: object,
) -> None:
    """Measure MODEL on good and bad documents."""
    with shown_progress() as progress:
        found = verbs("quality").evaluate_quality(
            model, positive, negative, progress=progress, **options
        )
    tell(found, "quality_evaluation", as_json=as_json, module="report_quality")


@quality.command("score")
@click.argument("model", type=FILE)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PARQUET",
    help="A table of ids and scores, for `curate --scores`.",
)
@click.option("--name", default="score", show_default=True, help="The column of the scores.")
@LABEL
@click.option("--id-column", default="id", show_default=True, metavar="NAME", help="Where ids are.")
@READ
@THREADS
@JSON
@guarded
def quality_score(model: Path, files: tuple[str, ...], *, as_json: bool, **options: object) -> None:
    """Score the documents of FILES with MODEL."""
    with shown_progress() as progress:
        found = verbs("quality").score_quality(model, files, progress=progress, **options)
    tell(found, "quality_scores", as_json=as_json, module="report_quality")
