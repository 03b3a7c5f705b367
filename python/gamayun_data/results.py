"""What the verbs return: frozen values that hold counts, and one function that makes them JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gamayun_data.mix import Plan


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """The documents of one language. `dropped` counts by `step.reason`, such as `dedup.near`.

    Documents whose label is outside the languages of the run stand under `other`. `tokens` is
    `None` until a tokenizer has counted them; `bytes_kept` is of UTF-8 text.
    """

    language: str
    read: int
    dropped: Mapping[str, int]
    kept: int
    bytes_kept: int
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a run: how long it took, or that its result stood there already."""

    name: str
    seconds: float
    skipped: bool
    documents: int
    bytes: int


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """A benchmark that was looked for: its items, and the documents of which it has the best match.

    Items that are `too_short` were not looked for.
    """

    name: str
    items: int
    too_short: int
    matched: int
    documents: int


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input of a source: a file, or standard input; bytes as they lie on disk."""

    source: str
    path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person should look at; `kind` is cluster, source, language or the like."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class CurationResult:
    """What became of every record: `read` = `kept` + all `dropped`; `rejected` were no documents.

    `unknown_tails` names the files that ended too early: how much was lost there is not known.
    `against` counts the documents that each earlier run has too. `rehydration` has the weights by
    language and size of cluster, `cleaned` what was changed in texts, by language and kind. A dry
    run has `inputs` only. `training`, `plan` and `build` are there when the recipe has stages.
    """

    run: str
    languages: tuple[LanguageRow, ...]
    read: int
    kept: int
    dropped: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    unknown_tails: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    rehydration: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    seconds: float = 0.0
    steps: tuple[StepRow, ...] = ()
    benchmarks: tuple[BenchmarkRow, ...] = ()
    against: Mapping[str, int] = field(default_factory=dict)
    cleaned: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    dry_run: bool = False
    inputs: tuple[InputRow, ...] = ()
    training: TokenizerTraining | None = None
    plan: Plan | None = None
    build: BuildResult | None = None


@dataclass(frozen=True, slots=True)
class RemovedSpan:
    """Text that a level removed: from byte `start` to `end` of the text before levels.

    `evidence` is the hash of the passage, as `passages/removed.parquet` names it.
    """

    level: str
    start: int
    end: int
    evidence: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangedSpan:
    """Text that was changed before a document was judged: `original` stood at these bytes.

    It had `bytes_before` bytes, and is `None` where it is private and not kept.
    """

    kind: str
    start: int
    end: int
    bytes_before: int
    original: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document was kept or dropped, and where it came from.

    `verdict` is `kept`, `dropped` or `rejected`. For a document that a step dropped, `step`,
    `reason`, `value` and `threshold` say why; for a duplicate, `kept_id` and `similarity` do, with
    `kept_from` if the kept one is of an earlier run; for one that holds test items, `benchmark`,
    `benchmark_item` and `contamination` (the score). `earlier` tells what an earlier run has of a
    document that was kept all the same.
    `blocked_by` is the entry of a list that its address is on; `languages` are the bytes of its
    paragraphs by language, where the run looked at them.
    `copies` is how often one that is kept is read in an epoch, by the size of its cluster.
    """

    document: str
    id: str | None
    source: str
    language: str
    verdict: str
    step: str | None = None
    reason: str | None = None
    value: float | None = None
    threshold: float | None = None
    benchmark: str | None = None
    benchmark_item: str | None = None
    contamination: float | None = None
    blocked_by: str | None = None
    languages: tuple[tuple[str, int], ...] = ()
    kept_document: str | None = None
    kept_id: str | None = None
    kept_from: str | None = None
    similarity: float | None = None
    cluster_size: int = 1
    scores: tuple[tuple[str, float], ...] = ()
    path: str | None = None
    record: int | None = None
    split: str | None = None
    copies: int | None = None
    earlier: str | None = None
    changed: tuple[ChangedSpan, ...] = ()
    removed: tuple[RemovedSpan, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where: `offset` is in bytes, or `None` for the whole file."""

    file: str
    offset: int | None
    what: str


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What an index holds: documents, bytes of their texts, and its bytes on disk.

    `merged` counts what the indexes that it was merged of had in common. `problems` are known only
    if it was `checked`.
    """

    path: str
    documents: int
    text_bytes: int
    sources: Mapping[str, int]
    parts: int
    disk_bytes: int
    band_bytes: int
    bands: int
    rows: int
    shingle: int
    identity: str
    made_of: tuple[str, ...] = ()
    merged: Mapping[str, int] = field(default_factory=dict)
    checked: bool = False
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verification:
    """All that is wrong with a run, and how much was checked, by kind."""

    ok: bool
    problems: tuple[Problem, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenizerTraining:
    """A trained tokenizer: its file, what it was trained on and for how long.

    `pretokens` are those that were counted, `left_out` those of them that were too rare to be
    trained on or are of languages without weight.
    """

    path: str
    vocab_size: int
    merges: int
    bytes: int
    pretokens: int
    left_out: int
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class BuiltPool:
    """The shards of one pool; `split` is `train` or `validation`."""

    name: str
    split: str
    documents: int
    tokens: int
    bytes: int
    shards: int


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What `shards build` wrote: shards, and one manifest a stage with what it realises."""

    run: str
    pools: tuple[BuiltPool, ...]
    stages: tuple[str, ...]
    manifests: tuple[str, ...]
    files: int
    disk_bytes: int
    seconds: float
    steps: tuple[StepRow, ...] = ()


def to_json(value: object) -> Any:  # noqa: ANN401 (JSON is any of its types)
    """Turn a result into what `json` writes: dataclasses to dicts, properties included.

    >>> to_json(Problem("a.bin", None, "missing"))
    {'file': 'a.bin', 'offset': None, 'what': 'missing'}
    """
    if is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in fields(value)]
        names += [name for name, one in vars(type(value)).items() if isinstance(one, property)]
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): to_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, Path) else value
