"""Files of counts: made of files or of a run, added up, looked into, and trained from."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack

from gamayun_data import _core, steps
from gamayun_data.counting import LanguageCounts
from gamayun_data.errors import ConfigError
from gamayun_data.recipe import RESERVED
from gamayun_data.steps import Limits, heard
from gamayun_data.tokenizer import Tokenizer

if TYPE_CHECKING:
    from gamayun_data.progress import Progress

MOST_TOKENS: Final = 1_000_000
_SIXTEEN_BITS: Final = 65_536
_NEAR_SIXTEEN_BITS: Final = range(65_500, 66_561)


@dataclass(frozen=True, slots=True)
class CountsSummary:
    """What a file of counts holds; `rejected` records by reason where it was made of files."""

    path: str
    split: str
    languages: tuple[LanguageCounts, ...]
    pretokens: int
    pretoken_bytes: int
    rejected: Mapping[str, int]
    first_rejected: str | None = None


@dataclass(frozen=True, slots=True)
class CountedTraining:
    """Tokenizers trained from a file of counts, and what they were trained on."""

    tokenizers: tuple[Tokenizer, ...]
    pretokens: int
    left_out: int
    occurrences_left_out: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountedTokenizer:
    """A tokenizer written from a file of counts, and what it was trained on."""

    path: str
    vocab_size: int
    merges: int
    pretokens: int
    left_out: int
    occurrences_left_out: int
    notes: tuple[str, ...]
    seconds: float


class TrainingOptions(TypedDict, total=False):
    """What `train_on_counts` takes besides the file and the sizes."""

    weights: Mapping[str, float]
    special_tokens: Sequence[str]
    reserved: int
    min_frequency: int
    max_token_length: int
    min_pretoken_count: int
    threads: int
    memory: int


def count_pretokens(
    sources: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    language: str | None = None,
    language_column: str | None = None,
    split: str = "gamayun",
    text_column: str = "text",
    format: Literal["jsonl", "parquet", "text"] | None = None,
    text_unit: Literal["file", "line"] = "file",
    max_document_bytes: int = 64 << 20,
    on_bad_record: Literal["reject", "fail"] = "reject",
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> CountsSummary:
    """Count the pretokens of files once, to train any mixture and vocabulary size from them.

    `sources` are files, folders and globs of JSON Lines, Parquet or text, or the folder of one run,
    whose selection is counted. Records tell their language in `language_column`; those that do not
    are of `language`. The file at `output` is the same for the same texts, in any order, on any
    number of threads, within any `memory` (bytes): what does not fit goes to disk on the way.

    Raises `ConfigError` for parameters and `InputError` for a bad record with `on_bad_record`
    `fail`; else bad records are counted by reason.
    """
    paths = [str(sources)] if isinstance(sources, str | Path) else [str(path) for path in sources]
    limits, told = Limits.of(threads, memory), heard(progress, "count")
    target = target_of(output)
    if len(paths) == 1 and (Path(paths[0]) / "steps").is_dir():
        if language or language_column:
            raise ConfigError("language: the documents of a run tell theirs", parameter="language")
        steps.need_selection(Path(paths[0]))
        _core.count_pretokens(
            paths[0],
            split=split,
            threads=limits.threads,
            memory=limits.memory,
            output=target,
            on_progress=told,
        )
        return describe_counts(target, progress=progress)
    if language is None and language_column is None:
        language = "und"
    answer = _core.count_files(
        paths,
        target,
        language=language,
        language_field=language_column,
        split=split,
        text_column=text_column,
        format=format,
        text_unit=text_unit,
        max_document_bytes=max_document_bytes,
        on_bad_record=on_bad_record,
        threads=limits.threads,
        memory=limits.memory,
        on_progress=told,
    )
    counted: dict[str, Any] = json.loads(answer)
    return _summary(target, progress, counted["rejected"], counted["first_rejected"])


def merge_counts(
    files: Sequence[str | Path], output: str | Path, *, progress: Progress | None = None
) -> CountsSummary:
    """Add up files of counts that were made with one split pattern, as on several machines.

    Nothing but a pretoken of each file is held in memory.
    """
    if not files:
        raise ConfigError("files: no counts to merge", parameter="files")
    target = target_of(output)
    _core.merge_count_files(list(files), target, on_progress=heard(progress, "merge"))
    return describe_counts(target, progress=progress)


def describe_counts(path: str | Path, *, progress: Progress | None = None) -> CountsSummary:
    """Read a file of counts through and say what it holds.

    Raises `FormatError` for another file and `IntegrityError` for a damaged one.
    """
    return _summary(Path(path), progress, {}, None)


def train_on_counts(
    path: str | Path,
    vocab_sizes: Sequence[int] = (65_024,),
    *,
    weights: Mapping[str, float] | None = None,
    special_tokens: Sequence[str] = ("<|endoftext|>",),
    reserved: int = 0,
    min_frequency: int = 2,
    max_token_length: int | None = None,
    min_pretoken_count: int = 1,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> CountedTraining:
    """Train byte-level BPE from a file of counts, several sizes at the cost of the largest.

    `weights` by language scale the counts, 1 where none is named, 0 to leave a language out.
    `reserved` special tokens `<|reserved_0|>`, … follow those named, for later use. Pretokens with
    fewer than `min_pretoken_count` occurrences are left out: what does not fit `memory` (bytes) is
    refused with the number that would.
    """
    if not vocab_sizes or max(vocab_sizes) > MOST_TOKENS:
        raise ConfigError(
            f"vocab_size: {max(vocab_sizes, default=None)} is not valid: from 1 to {MOST_TOKENS:,}",
            parameter="vocab_size",
        )
    limits = Limits.of(threads, memory)
    special = [*special_tokens, *(RESERVED.format(number) for number in range(reserved))]
    made, pretokens, left_out, occurrences = _core.train_count_file(
        path,
        list(vocab_sizes),
        special_tokens=special,
        min_frequency=min_frequency,
        max_token_length=max_token_length,
        weights=sorted((weights or {}).items()),
        min_pretoken_count=min_pretoken_count,
        threads=limits.threads,
        memory=limits.memory,
        on_progress=heard(progress, "train"),
    )
    tokenizers = tuple(Tokenizer(core) for core in made)
    notes = [note for tokenizer in tokenizers for note in width_notes(tokenizer.vocab_size)]
    return CountedTraining(tokenizers, pretokens, left_out, occurrences, tuple(notes))


def train_to_file(
    path: str | Path,
    output: str | Path,
    *,
    vocab_size: int = 65_024,
    progress: Progress | None = None,
    **options: Unpack[TrainingOptions],
) -> CountedTokenizer:
    """Train one tokenizer from a file of counts, as `train_on_counts` does, and write it."""
    started, target = time.perf_counter(), target_of(output)
    made = train_on_counts(path, [vocab_size], progress=progress, **options)
    [tokenizer] = made.tokenizers
    tokenizer.save(target)
    return CountedTokenizer(
        path=str(target),
        vocab_size=tokenizer.vocab_size,
        merges=len(tokenizer.merges),
        pretokens=made.pretokens,
        left_out=made.left_out,
        occurrences_left_out=made.occurrences_left_out,
        notes=made.notes,
        seconds=round(time.perf_counter() - started, 3),
    )


def width_notes(vocab_size: int) -> list[str]:
    """Say how wide ids are stored where other tools are known to go wrong: near 2^16.

    Megatron-LM's preprocessing takes 16 bits below 65,500 tokens only, others up to 65,536, and a
    tool that takes 16 bits for a larger vocabulary wraps ids silently.

    >>> width_notes(32_000), width_notes(65_600)[0][:36]
    ([], '65,600 tokens need 32-bit ids; up to')
    """
    if vocab_size not in _NEAR_SIXTEEN_BITS:
        return []
    if vocab_size > _SIXTEEN_BITS:
        return [f"{vocab_size:,} tokens need 32-bit ids; up to {_SIXTEEN_BITS:,} fit 16 bits"]
    fits = f"{vocab_size:,} tokens fit 16-bit ids, but some tools take 32 bits from 65,500 on"
    return [f"{fits}; below that all agree"]


def target_of(output: str | Path) -> Path:
    """The file to write, in a folder that is there."""
    target = Path(output)
    if target.is_dir():
        raise ConfigError(f"{target}: is a folder, expected a file to write", parameter="output")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _summary(
    path: Path, progress: Progress | None, rejected: Mapping[str, int], first: str | None
) -> CountsSummary:
    split, rows, pretokens, size = _core.describe_counts(
        path, on_progress=heard(progress, "look through")
    )
    languages = tuple(LanguageCounts(*row) for row in rows)
    return CountsSummary(str(path), split, languages, pretokens, size, rejected, first)
