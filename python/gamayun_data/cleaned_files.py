"""Files with their texts cleaned: one file of JSON Lines, and what was changed in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gamayun_data import cleaning
from gamayun_data.cleaning import Clean, core_cleaner
from gamayun_data.errors import ConfigError
from gamayun_data.steps import heard
from gamayun_data.texts import threads_of

if TYPE_CHECKING:
    from gamayun_data.progress import Progress


@dataclass(frozen=True, slots=True)
class KindCount:
    """What was done of one kind: documents with it, changes, and bytes."""

    documents: int
    changes: int
    removed_bytes: int
    added_bytes: int


@dataclass(frozen=True, slots=True)
class CleanedFiles:
    """What was cleaned, and the files that were written.

    `records` are `documents` and those `rejected`. `bytes_before`, of the texts that changes lead
    back to (normalised, but for what was repaired), less `removed_bytes`, with `added_bytes`, are
    `bytes`. `lost_tails` names ends of
    files whose number of records nobody knows.
    """

    output: str
    rejected_file: str | None
    changes_file: str | None
    records: int
    documents: int
    rejected: Mapping[str, int]
    first_rejected: str | None
    lost_tails: tuple[str, ...]
    changed: int
    bytes_read: int
    bytes_before: int
    removed_bytes: int
    added_bytes: int
    bytes: int
    kinds: Mapping[str, KindCount]


def clean_files(
    files: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    repair: Sequence[str] = cleaning.REPAIRS,
    private: Sequence[str] = cleaning.PRIVATE,
    keep_originals: bool = False,
    lines: Sequence[str] = (),
    phrases: str | Path | None = None,
    language: str = "und",
    changes: str | Path | None = None,
    text_column: str = "text",
    id_column: str = "id",
    format: Literal["jsonl", "parquet", "text"] | None = None,
    text_unit: Literal["file", "line"] = "file",
    max_document_bytes: int = 64 << 20,
    on_bad_record: Literal["reject", "fail"] = "reject",
    threads: int | None = None,
    progress: Progress | None = None,
) -> CleanedFiles:
    """Clean the texts of files, as `clean` does, into a file of JSON Lines; other fields stay.

    `output` ends in `.jsonl`, or `.jsonl.zst`. Records are in the order of the files; those that
    cannot be read are named in `….rejected.jsonl` beside it, or end the work with `on_bad_record`
    `fail`. `changes` is a Parquet file with a row for each document: id, input, record,
    text_bytes_before, and `changes` as `clean` tells them. What is private is in neither, unless
    `keep_originals`. The bytes of all files are the same on any number of threads.

    Raises `ConfigError` for parameters, and `InputError` for files that cannot be read.
    """
    paths = [str(files)] if isinstance(files, str | Path) else [str(path) for path in files]
    if not paths:
        raise ConfigError("files: no files", parameter="files")
    if keep_originals and changes is None:
        raise ConfigError("keep_originals: needs changes, which hold them", parameter="changes")
    named = None if phrases is None else str(phrases)
    asked = Clean(tuple(repair), tuple(private), keep_originals, tuple(lines), named)
    rejected = _rejected(Path(output)) if on_bad_record == "reject" else None
    answer: dict[str, Any] = json.loads(
        core_cleaner(asked).clean_files(
            paths,
            output,
            language=language,
            text_column=text_column,
            id_column=id_column,
            format=format,
            text_unit=text_unit,
            max_document_bytes=max_document_bytes,
            on_bad_record=on_bad_record,
            rejected=rejected,
            changes=changes,
            threads=threads_of(threads),
            on_progress=heard(progress, "clean"),
        )
    )
    kinds = {kind: KindCount(**counts) for kind, counts in answer.pop("kinds").items()}
    return CleanedFiles(
        str(output),
        None if rejected is None else str(rejected),
        None if changes is None else str(changes),
        **{**answer, "lost_tails": tuple(answer["lost_tails"])},
        kinds=kinds,
    )


def _rejected(output: Path) -> Path:
    """Where records that cannot be read are named.

    >>> str(_rejected(Path("web/out.jsonl.zst")))
    'web/out.rejected.jsonl'
    """
    stem = output.name.removesuffix(".zst").removesuffix(".jsonl")
    return output.with_name(f"{stem}.rejected.jsonl")
