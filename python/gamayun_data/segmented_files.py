"""The languages of the paragraphs of documents in files, by language of the document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gamayun_data import _core
from gamayun_data.cleaning import SEGMENTS_KEYS, Segments
from gamayun_data.errors import ConfigError
from gamayun_data.library import LanguageModel
from gamayun_data.steps import heard
from gamayun_data.texts import threads_of

if TYPE_CHECKING:
    from gamayun_data.progress import Progress


@dataclass(frozen=True, slots=True)
class SegmentedLanguage:
    """The documents of a language, and the languages of their paragraphs.

    `bytes` are `unknown_bytes`, of paragraphs whose language was not told, and those of
    `paragraphs` by language. `with_foreign` documents have a paragraph of another language, of
    them `mixed` at least the share that was asked for.
    """

    documents: int
    with_foreign: int
    mixed: int
    bytes: int
    unknown_bytes: int
    paragraphs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SegmentedFiles:
    """What was found: `records` are `documents` and those `rejected`.

    `lost_tails` names ends of files whose number of records nobody knows; `table` is the file with
    a row for each document, if one was asked for.
    """

    table: str | None
    records: int
    documents: int
    rejected: Mapping[str, int]
    first_rejected: str | None
    lost_tails: tuple[str, ...]
    languages: Mapping[str, SegmentedLanguage]


def segment_files(
    files: str | Path | Sequence[str | Path],
    *,
    output: str | Path | None = None,
    model: LanguageModel | str | Path | None = None,
    language: str | None = None,
    min_letters: int = Segments().min_letters,
    min_share: float = Segments().min_share,
    text_column: str = "text",
    id_column: str = "id",
    format: Literal["jsonl", "parquet", "text"] | None = None,
    text_unit: Literal["file", "line"] = "file",
    max_document_bytes: int = 64 << 20,
    on_bad_record: Literal["reject", "fail"] = "reject",
    threads: int | None = None,
    progress: Progress | None = None,
) -> SegmentedFiles:
    """Tell the languages of the paragraphs of documents in files, as `segment_languages` does.

    The language of a document is `language`, or the best label of the whole. `output` is a Parquet
    file with a row for each document: id, input, record, and what `segment_languages` tells; places
    are those in the normalised text. Records that cannot be read are counted, or end the work with
    `on_bad_record` `fail`. Nothing depends on `threads`.

    Raises `ConfigError` for parameters, and `InputError` for files that cannot be read.
    """
    paths = [str(files)] if isinstance(files, str | Path) else [str(path) for path in files]
    if not paths:
        raise ConfigError("files: no files", parameter="files")
    used = model if isinstance(model, LanguageModel) else LanguageModel.load(model)
    answer: dict[str, Any] = json.loads(
        _core.segment_files(
            used.core,
            paths,
            language=language,
            min_letters=SEGMENTS_KEYS["min_letters"](min_letters, "min_letters"),
            min_share=SEGMENTS_KEYS["min_share"](min_share, "min_share"),
            text_column=text_column,
            id_column=id_column,
            format=format,
            text_unit=text_unit,
            max_document_bytes=max_document_bytes,
            on_bad_record=on_bad_record,
            output=output,
            threads=threads_of(threads),
            on_progress=heard(progress, "segments"),
        )
    )
    languages = {name: SegmentedLanguage(**row) for name, row in answer.pop("languages").items()}
    tails = tuple(answer.pop("lost_tails"))
    table = None if output is None else str(output)
    return SegmentedFiles(table, **answer, lost_tails=tails, languages=languages)
