"""Cleaning as a function over texts, and back."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from gamayun_data import _core, cleaning
from gamayun_data.cleaning import Clean, Segments, core_cleaner
from gamayun_data.library import LanguageModel
from gamayun_data.texts import Texts, threads_of

__all__ = ["clean", "segment_languages"]


def clean(
    texts: Texts,
    *,
    repair: Sequence[str] = cleaning.REPAIRS,
    private: Sequence[str] = cleaning.PRIVATE,
    keep_originals: bool = False,
    lines: Sequence[str] = (),
    phrases: str | None = None,
    language: str = "und",
    threads: int | None = None,
) -> pl.DataFrame:
    """Repair texts and replace what is private, as `[clean]` of a recipe does; in the order given.

    `lines` names what else goes (`boilerplate`, `symbols`) of texts of a `language`; `phrases` is a
    file of further lines.

    `text`, `text_bytes_before`, and `changes`: a list of {kind, start, end, bytes_before,
    original}, in bytes of the new text; put back from the last to the first they give the text as
    it was, normalised. `original` is null for what is private, unless `keep_originals`.

    >>> clean(["itâ€™s at&nbsp;home, ask anna@firm.de"])["text"].to_list()
    ['it’s at home, ask email1@example.com']
    """
    asked = Clean(tuple(repair), tuple(private), keep_originals, tuple(lines), phrases)
    cleaner = core_cleaner(asked)
    return pl.DataFrame(cleaner.clean(texts, language=language, threads=threads_of(threads)))


def segment_languages(
    texts: Texts,
    *,
    model: LanguageModel | None = None,
    language: str | None = None,
    min_letters: int = Segments().min_letters,
    min_share: float = Segments().min_share,
    threads: int | None = None,
) -> pl.DataFrame:
    """Tell the languages of the paragraphs of texts; as `[segments]` of a recipe looks at them.

    `language` of the text (given, or the best label of the whole); `paragraphs`: a list of {start,
    end, language, score}, in bytes, null where none can be told; `languages`: bytes by language;
    `unknown_bytes`; `foreign_share`, of the bytes that were judged; `mixed`.

    >>> texts = ["Es regnet, und niemand geht aus dem Haus. " * 9]
    >>> segment_languages(texts)["languages"].to_list()[0][0]["language"]
    'de'
    """
    core = (model or LanguageModel.load()).core
    return pl.DataFrame(
        _core.segment_languages(
            core,
            texts,
            language=language,
            min_letters=min_letters,
            min_share=min_share,
            threads=threads_of(threads),
        )
    )
