"""What a language model and the letters say of texts: one row for each."""

from __future__ import annotations

import polars as pl

from gamayun_data import _core
from gamayun_data.library import LanguageModel
from gamayun_data.texts import Texts, threads_of

__all__ = ["score_languages"]


def score_languages(
    texts: Texts, *, model: LanguageModel | None = None, threads: int | None = None
) -> pl.DataFrame:
    """Tell the language of texts, how far it is from those it is taken for, and the scripts.

    A row a text: `language` and `second`, the two likeliest, named as in a run, with `probability`
    and `second_probability`; `rival`, the likeliest language that `language` is confusable with, as
    the model says, and `margin`, the probability between the two. Without a rival among the sixteen
    likeliest `margin` is the whole probability; where the model knows of none that is confusable,
    as models of fastText never do, both are null. Then for each script (`latin`, `cyrillic`,
    `greek`, `arabic`, `hebrew`, `devanagari`, `thai`, `han`, `kana`, `hangul`, `other`) its share
    of the letters, zeros without any letter.

    >>> row = score_languages(["Wir gehen heute spät nach Hause."]).row(0, named=True)
    >>> row["language"], row["latin"]
    ('de', 1.0)
    """
    used, threads = model or LanguageModel.load(), threads_of(threads)
    named = dict(zip(used.core.labels, used.core.languages, strict=True))
    scores = used.score(texts, 2, threads=threads)
    margins = used.core.margins(texts, threads=threads)
    frame = pl.DataFrame(
        {
            **_best(scores, 0, "language", "probability"),
            **_best(scores, 1, "second", "second_probability"),
            "rival": pl.Series([m and m[0] for m in margins], dtype=pl.String),
            "margin": pl.Series([m and m[1] for m in margins], dtype=pl.Float32),
            **dict(_core.script_shares(texts)),
        }
    )
    return frame.with_columns(pl.col("language", "second", "rival").replace(named))


def _best(scores: pl.Series, place: int, label: str, probability: str) -> dict[str, pl.Series]:
    one = scores.list.get(place, null_on_oob=True)
    return {label: one.struct.field("label"), probability: one.struct.field("probability")}
