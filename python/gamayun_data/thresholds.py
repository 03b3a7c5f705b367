"""Language thresholds, shown before they are used: from a run's own scores, or for a precision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gamayun_data import library
from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.receipts import read_receipt

if TYPE_CHECKING:
    import polars as pl

LOWEST: Final = 0.3
HIGHEST: Final = 0.9
"""A threshold from the data lies between these (FineWeb2's rule)."""
Z: Final = 1.96
"""The normal quantile of an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class DataThreshold:
    """The threshold that a language's scores give, max(0.3, min(0.9, median − deviation)).

    `documents` have the language for their best label; `below` are those under the threshold.
    `used` is the threshold that the run was decided with, if it has been.
    """

    language: str
    documents: int
    median: float
    deviation: float
    threshold: float
    below: int
    used: float | None = None


@dataclass(frozen=True, slots=True)
class PrecisionThreshold:
    """The least threshold at which the answers for a language are right often enough.

    `precision` and `recall` are those at the threshold; `precision_low` is the lower end of
    Wilson's interval of 95 % for the precision. Without a threshold nothing reaches the precision,
    and the two are of all answers.
    """

    language: str
    texts: int
    answers: int
    threshold: float | None
    precision: float
    precision_low: float
    recall: float


def run_thresholds(run: str | Path) -> tuple[DataThreshold, ...]:
    """The threshold of every language of a run that has been annotated, and what it would drop.

    Raises `ConfigError` if nothing is annotated there.
    """
    import polars as pl

    run = Path(run)
    if read_receipt(run, "annotate") is None:
        raise ConfigError(f"{run}: nothing is annotated there yet; run `gamayun-data curate` first")
    decided = read_receipt(run, "decide")
    used = decided.counts["thresholds"] if decided else {}
    score = pl.col("language_score").cast(pl.Float64)
    scored = pl.scan_parquet(run / "annotations" / "part-*.parquet").filter(score.is_not_null())
    stated = scored.group_by("language").agg(
        pl.len().alias("documents"),
        score.median().alias("median"),
        score.std(ddof=0).alias("deviation"),
    )
    bounded = (pl.col("median") - pl.col("deviation")).clip(LOWEST, HIGHEST)
    stated = stated.with_columns(threshold=bounded)
    below = (
        scored.join(stated.select("language", "threshold"), on="language")
        .group_by("language")
        .agg((score < pl.col("threshold")).sum().alias("below"))
    )
    table = stated.join(below, on="language").sort("language").collect()
    return tuple(
        DataThreshold(**row, used=used.get(row["language"], {}).get("threshold"))
        for row in table.iter_rows(named=True)
        if not used or row["language"] in used
    )


def precision_thresholds(
    labelled: Sequence[str | Path],
    *,
    precision: float,
    lid_model: str | Path | None = None,
    langs: Sequence[str] | None = None,
    threads: int | None = None,
) -> tuple[PrecisionThreshold, ...]:
    """The least threshold of each language at which so many of the model's answers are right.

    `labelled` are TSV files: the label first, the text last in each line. Texts of other languages
    belong there too: what leaks into a language is what a threshold is against. Without `langs`
    all languages that are labels of the model.
    """
    if not 0 < precision <= 1:
        raise ConfigError(f"precision: {precision} is not in (0, 1]", parameter="precision")
    model = library.LanguageModel.load(lid_model)
    scored = _scored(model, read_labelled(labelled), threads)
    known = sorted(set(model.labels) & set(scored["label"]))
    strange = set(langs or ()) - set(known)
    if strange:
        missing = ", ".join(sorted(strange))
        raise ConfigError(f"langs: no labelled text, or no label of the model: {missing}")
    return tuple(_least(scored, language, precision) for language in langs or known)


def read_labelled(paths: Sequence[str | Path]) -> pl.DataFrame:
    """Labels and texts of TSV files: the first and the last column of each line."""
    import polars as pl

    tables = []
    for path in paths:
        lines = pl.read_csv(
            path, separator="\0", quote_char=None, has_header=False, new_columns=["line"]
        )["line"]
        cells = lines.str.split("\t")
        short = (cells.list.len() < 2).arg_true()
        if len(short):
            raise FormatError(
                f"{path}: line {short[0] + 1}: no tab; expected a label, a tab and a text",
                path=path,
            )
        tables.append(pl.DataFrame({"label": cells.list.first(), "text": cells.list.last()}))
    return pl.concat(tables)


def _scored(
    model: library.LanguageModel, labelled: pl.DataFrame, threads: int | None
) -> pl.DataFrame:
    """Each text's label, and the answer and score of the model."""
    import polars as pl

    best = model.score(labelled["text"], k=1, threads=threads).list.first()
    answers = best.struct.field("label").alias("answer"), best.struct.field("probability")
    return pl.DataFrame([labelled["label"], answers[0], answers[1].alias("score")])


def _least(scored: pl.DataFrame, language: str, precision: float) -> PrecisionThreshold:
    import polars as pl

    mine = scored.filter(pl.col("answer") == language).sort("score", descending=True)
    texts = scored.filter(pl.col("label") == language).height
    right = (mine["label"] == language).cum_sum()
    # Texts of one score are accepted together, so only the last of them is a place to cut.
    cuts = mine.select("score", right=right, accepted=pl.int_range(1, pl.len() + 1))
    # fastText's may be a little above 1, where no threshold can be.
    lower = pl.col("score").shift(-1, fill_value=-1.0)
    cuts = cuts.filter((pl.col("score") != lower) & (lower < 1))
    enough = cuts.filter(pl.col("right") >= precision * pl.col("accepted"))
    chosen = (enough if enough.height else cuts).tail(1)
    found = chosen.row(0, named=True) if chosen.height else {"right": 0, "accepted": 0}
    hits, accepted = int(found["right"]), int(found["accepted"])
    return PrecisionThreshold(
        language=language,
        texts=texts,
        answers=mine.height,
        threshold=min(1.0, found["score"]) if enough.height else None,
        precision=hits / accepted if accepted else math.nan,
        precision_low=wilson_low(hits, accepted),
        recall=hits / texts if texts else math.nan,
    )


def wilson_low(right: int, of: int) -> float:
    """Lower end of Wilson's score interval of 95 % (JASA 22, 1927).

    >>> round(wilson_low(99, 100), 4)
    0.9455
    """
    if not of:
        return 0.0
    share, squared = right / of, Z * Z
    centre = share + squared / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + squared / (4 * of * of))
    return (centre - spread) / (1 + squared / of)


def as_recipe(
    thresholds: Sequence[DataThreshold] | Sequence[PrecisionThreshold],
) -> Mapping[str, float]:
    """What to write as `language_thresholds` of a recipe."""
    return {one.language: one.threshold for one in thresholds if one.threshold is not None}
