"""Cleaning as a function over texts, and back."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from gamayun_data import cleaning
from gamayun_data.cleaning import Clean, core_cleaner
from gamayun_data.texts import Texts, threads_of

__all__ = ["clean"]


def clean(
    texts: Texts,
    *,
    repair: Sequence[str] = cleaning.REPAIRS,
    private: Sequence[str] = cleaning.PRIVATE,
    keep_originals: bool = False,
    language: str = "und",
    threads: int | None = None,
) -> pl.DataFrame:
    """Repair texts and replace what is private, as `[clean]` of a recipe does; in the order given.

    `text`, `text_bytes_before`, and `changes`: a list of {kind, start, end, bytes_before,
    original}, in bytes of the new text; put back from the last to the first they give the text as
    it was, normalised. `original` is null for what is private, unless `keep_originals`.

    >>> clean(["itâ€™s at&nbsp;home, ask anna@firm.de"])["text"].to_list()
    ['it’s at home, ask email1@example.com']
    """
    cleaner = core_cleaner(Clean(tuple(repair), tuple(private), keep_originals))
    if cleaner is None:
        cleaner = cleaning.no_cleaner()
    return pl.DataFrame(cleaner.clean(texts, language=language, threads=threads_of(threads)))
