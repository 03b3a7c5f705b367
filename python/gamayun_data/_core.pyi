# The compiled core. Everything here is wrapped by a public function of the package.

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Blocklist",
    "Cleaner",
    "Deduplicator",
    "EncodeStream",
    "LanguageModel",
    "Outcomes",
    "PretokenCounts",
    "Scorer",
    "ShardBlocks",
    "Source",
    "TokenReader",
    "Tokenizer",
    "annotate",
    "audit_shards",
    "band_keys",
    "benchmark_fields",
    "build_index",
    "build_shards",
    "catalogue",
    "check_contents",
    "check_index",
    "check_shards",
    "cleaning_names",
    "count_files",
    "count_held_out",
    "count_pretokens",
    "datatrove_signatures",
    "datatrove_signatures_of_words",
    "datatrove_simplify",
    "decide",
    "decontaminate",
    "dedup",
    "deduplicate",
    "describe_counts",
    "diff_tokenizers",
    "document_formats",
    "epoch_pieces",
    "evaluate",
    "evaluate_counts",
    "evaluate_files",
    "evaluate_scorer",
    "evaluate_texts",
    "export_pool",
    "export_samples",
    "extend_tokenizer",
    "file_sha256",
    "fill_positions",
    "find_benchmarks",
    "find_inputs",
    "fit_profile",
    "items_in_texts",
    "judge",
    "list_removed",
    "merge_count_files",
    "merge_indexes",
    "passages",
    "profile_names",
    "profile_toml",
    "read_index",
    "rewrite_selection",
    "rewrite_shards",
    "sample_formats",
    "score_run",
    "script_shares",
    "segment_files",
    "segment_languages",
    "select",
    "signatures",
    "similarities",
    "substrings",
    "tokenise",
    "tokenizer_from_ranks",
    "tokenizer_from_vocab_merges",
    "tokenizer_to_ranks",
    "tokenizer_to_vocab_merges",
    "train",
    "train_count_file",
    "train_language_model",
    "train_parity",
    "train_scorer",
    "try_noise",
    "try_profile",
    "version",
    "vocabulary_report",
]

_OnProgress: TypeAlias = Callable[[int, int, int, int], object]

class _Arrow(Protocol):
    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...

@final
class Blocklist:
    def __new__(cls, domains: Sequence[str | Path], urls: Sequence[str | Path]) -> Blocklist: ...
    def check(self, url: str) -> tuple[str, str] | None: ...

@final
class Cleaner:
    def __new__(
        cls,
        repair: Sequence[str],
        private: Sequence[str],
        *,
        keep_originals: bool = False,
        lines: Sequence[str] = ...,
        phrases: str | None = None,
    ) -> Cleaner: ...
    def clean(self, texts: object, *, language: str = "und", threads: int = 1) -> _Arrow: ...
    def clean_files(
        self,
        paths: Sequence[str],
        output: str | Path,
        *,
        language: str,
        text_column: str,
        id_column: str,
        format: str | None,
        text_unit: str,
        max_document_bytes: int,
        on_bad_record: str,
        rejected: str | Path | None,
        changes: str | Path | None,
        threads: int,
        on_progress: _OnProgress | None,
    ) -> str: ...

@final
class LanguageModel:
    @staticmethod
    def open(path: str | Path, *, whole: bool = False) -> LanguageModel: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def languages(self) -> list[str]: ...
    @property
    def provenance(self) -> str: ...
    @property
    def pairs(self) -> list[tuple[str, str, float]]: ...
    def evaluate(
        self, labels: object, texts: object, *, languages: bool = True
    ) -> tuple[
        list[tuple[str, str, int]],
        list[tuple[int, int, float]],
        int,
        int,
    ]: ...
    def score(self, texts: object, *, k: int = 3, threads: int = 1) -> _Arrow: ...
    def doubts(self, texts: object, *, threads: int = 1) -> list[tuple[str, str] | None]: ...
    def margins(
        self, texts: object, *, threads: int = 1
    ) -> list[tuple[str | None, float] | None]: ...

@final
class Scorer:
    @staticmethod
    def open(path: str | Path, *, label: str, words_of: str | None = None) -> Scorer: ...
    def score(self, texts: object, *, threads: int = 1) -> _Arrow: ...
    def score_files(
        self,
        sources: Sequence[Source],
        *,
        name: str,
        output: str | Path | None = None,
        threads: int = 1,
        on_progress: _OnProgress | None = None,
    ) -> str: ...

@final
class Source:
    def __new__(
        cls,
        name: str,
        paths: Sequence[str],
        *,
        priority: int = 1,
        domain: str = ...,
        licence: str = ...,
        language: str | None = None,
        rules: tuple[str, str | None] | None = None,
        text_column: str = ...,
        id_column: str | None = ...,
        format: str | None = None,
        text_unit: str = ...,
        max_document_bytes: int = ...,
    ) -> Source: ...

@final
class Tokenizer:
    @staticmethod
    def from_json(json: bytes) -> Tokenizer: ...
    def to_json(self) -> str: ...
    @property
    def vocab_size(self) -> int: ...
    @property
    def eos(self) -> int | None: ...
    @property
    def merges(self) -> list[tuple[bytes, bytes]]: ...
    @property
    def special_tokens(self) -> list[tuple[int, str]]: ...
    def token_bytes(self, id: int) -> bytes | None: ...
    def token_id(self, special: str) -> int | None: ...
    @property
    def bos(self) -> int | None: ...
    @property
    def token_count(self) -> int: ...
    @property
    def split(self) -> str: ...
    def encode_batch(
        self, texts: object, *, specials: str | set[str] = ..., threads: int = 1
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]: ...
    def encode_arrow(
        self,
        texts: object,
        *,
        specials: str | set[str] = ...,
        narrow: bool = False,
        threads: int = 1,
    ) -> _Arrow: ...
    def encode_bytes(
        self, data: bytes, *, specials: str | set[str] = ...
    ) -> NDArray[np.uint32]: ...
    def locate(
        self, text: str, *, specials: str | set[str] = ..., characters: bool = True
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint64]]: ...
    def save_segments(self, counts: PretokenCounts, path: str | Path) -> None: ...
    def use_segments(self, path: str | Path) -> bool: ...
    def decode(self, ids: NDArray[np.uint32]) -> bytes: ...

@final
class EncodeStream:
    def __new__(cls, tokenizer: Tokenizer, *, specials: str | set[str] = ...) -> EncodeStream: ...
    def push(self, piece: str) -> NDArray[np.uint32]: ...
    def finish(self) -> NDArray[np.uint32]: ...

def tokenizer_from_ranks(
    ranks: bytes, *, split: str, special_tokens: Sequence[tuple[str, int]]
) -> Tokenizer: ...
def tokenizer_from_vocab_merges(
    vocab: bytes, merges: str, *, split: str, special_tokens: Sequence[str]
) -> Tokenizer: ...
def tokenizer_to_ranks(tokenizer: Tokenizer) -> str: ...
def tokenizer_to_vocab_merges(tokenizer: Tokenizer) -> tuple[str, str]: ...
def diff_tokenizers(old: Tokenizer, new: Tokenizer) -> _Arrow: ...
def extend_tokenizer(
    tokenizer: Tokenizer,
    counts: PretokenCounts,
    *,
    vocab_size: int,
    min_frequency: int,
    max_token_length: int | None,
    weights: Sequence[tuple[str, float]],
    on_progress: _OnProgress | None = None,
) -> Tokenizer: ...
def find_inputs(sources: Sequence[Source]) -> list[tuple[str, str, int, int | None]]: ...
def annotate(
    run: str | Path,
    sources: Sequence[Source],
    languages: Sequence[str],
    *,
    lid_model: str | Path | None,
    compare: str,
    bands: int,
    rows: int,
    shingle: int,
    threshold: float,
    dedup_seed: int,
    on_bad_record: str,
    threads: int,
    memory: int,
    cleaner: Cleaner | None = None,
    paragraphs: tuple[int, float, bool] | None = None,
    on_progress: _OnProgress | None = None,
) -> str: ...
def decide(
    run: str | Path,
    sources: Sequence[Source],
    languages: Sequence[str],
    *,
    language_threshold: float | None,
    language_thresholds: dict[str, float],
    threads: int,
    blocklist: Blocklist | None = None,
    mixed_share: float | None = None,
    on_progress: _OnProgress | None = None,
) -> str: ...
def find_benchmarks(specs: Sequence[str]) -> list[tuple[str, Path]]: ...
def benchmark_fields() -> list[str]: ...
def decontaminate(
    run: str | Path,
    files: Sequence[tuple[str, str | Path]],
    *,
    fields: Sequence[str],
    ngram: int,
    minimum_words: int,
    threshold: float,
    drop: bool,
    identity: str,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def dedup(
    run: str | Path,
    sources: Sequence[Source],
    *,
    compare: str,
    bands: int,
    rows: int,
    shingle: int,
    threshold: float,
    dedup_seed: int,
    containment: float | None,
    keep: Sequence[str],
    against: Sequence[tuple[str, str | Path]],
    annotate: bool,
    identity: str,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def list_removed(
    run: str | Path,
    sources: Sequence[Source],
    *,
    compare: str,
    bands: int,
    rows: int,
    shingle: int,
    threshold: float,
    dedup_seed: int,
    containment: float | None,
    keep: Sequence[str],
    on_bad_record: str,
    identity: str,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def passages(
    run: str | Path,
    *,
    paragraphs: int,
    lines: int,
    keep_first: int,
    min_characters: dict[str, int],
    other_min_characters: int,
    document_characters: int,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def substrings(
    run: str | Path,
    *,
    min_bytes: int,
    after_passages: bool,
    document_characters: int,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def select(
    run: str | Path,
    domains: dict[str, str],
    *,
    weights: Mapping[str, Mapping[int, int]],
    validation_share: float,
    seed: int,
    threads: int,
    memory: int,
    buckets: tuple[str, int] | None = None,
    on_progress: _OnProgress | None = None,
) -> str: ...
def count_pretokens(
    run: str | Path,
    *,
    split: str,
    threads: int,
    memory: int,
    output: str | Path | None = None,
    on_progress: _OnProgress | None = None,
) -> str: ...
def count_files(
    paths: Sequence[str],
    output: str | Path,
    *,
    language: str | None,
    language_field: str | None,
    split: str,
    text_column: str,
    format: str | None,
    text_unit: str,
    max_document_bytes: int,
    on_bad_record: str,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def merge_count_files(
    files: Sequence[str | Path],
    output: str | Path,
    *,
    on_progress: _OnProgress | None = None,
) -> str: ...
def describe_counts(
    path: str | Path, *, on_progress: _OnProgress | None = None
) -> tuple[str, list[tuple[str, int, int, int]], int, int]: ...
def train_count_file(
    path: str | Path,
    vocab_sizes: Sequence[int],
    *,
    special_tokens: Sequence[str],
    min_frequency: int,
    max_token_length: int | None,
    weights: Sequence[tuple[str, float]],
    min_pretoken_count: int,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> tuple[list[Tokenizer], int, int, int]: ...

@final
class PretokenCounts:
    @staticmethod
    def of_texts(
        texts: Sequence[tuple[str, object]],
        *,
        split: str,
        threads: int,
        on_progress: _OnProgress | None = None,
    ) -> PretokenCounts: ...
    @staticmethod
    def open(path: str | Path) -> PretokenCounts: ...
    def save(self, path: str | Path) -> None: ...
    @staticmethod
    def merged(parts: Sequence[PretokenCounts]) -> PretokenCounts: ...
    @property
    def split(self) -> str: ...
    @property
    def languages(self) -> list[tuple[str, int, int, int]]: ...
    @property
    def unique(self) -> int: ...
    def train(
        self,
        vocab_sizes: Sequence[int],
        *,
        special_tokens: Sequence[str],
        min_frequency: int,
        max_token_length: int | None,
        weights: Sequence[tuple[str, float]],
        threads: int,
        on_progress: _OnProgress | None = None,
    ) -> list[Tokenizer]: ...

def count_held_out(
    run: str | Path,
    *,
    held_out: str,
    split: str,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> PretokenCounts: ...
def evaluate_counts(
    tokenizer: Tokenizer, counts: PretokenCounts, *, threads: int
) -> list[tuple[str, int, int]]: ...
def train_language_model(
    labels: object,
    texts: object,
    held_out_labels: object,
    held_out_texts: object,
    *,
    provenance: str = "",
    features: int = ...,
    epochs: int = ...,
    rate: float = ...,
    balance: float = ...,
    seed: int = 0,
    on_progress: _OnProgress | None = None,
) -> bytes: ...
def train_parity(
    counts: PretokenCounts,
    vocab_sizes: Sequence[int],
    *,
    parallel: tuple[PretokenCounts, Sequence[tuple[str, int]]] | None,
    targets: Sequence[tuple[str, float]],
    hybrid: int,
    window: tuple[int, float] | None,
    special_tokens: Sequence[str],
    min_frequency: int,
    max_token_length: int | None,
    weights: Sequence[tuple[str, float]],
    threads: int,
    on_progress: _OnProgress | None = None,
) -> tuple[list[Tokenizer], list[tuple[str, int, int, int | None]]]: ...
def train(
    texts: Sequence[tuple[str, object]],
    *,
    vocab_size: int = 65024,
    split: str = ...,
    special_tokens: Sequence[str] = ...,
    min_frequency: int = 2,
    max_token_length: int | None = None,
    weights: Sequence[tuple[str, float]] = ...,
    threads: int = 1,
    on_progress: _OnProgress | None = None,
) -> Tokenizer: ...
def evaluate(
    run: str | Path,
    tokenizers: Sequence[Tokenizer],
    *,
    split: str,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def evaluate_files(
    files: Sequence[tuple[str, str | None]],
    tokenizers: Sequence[Tokenizer],
    *,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def evaluate_texts(
    texts: Sequence[tuple[str, object]],
    tokenizers: Sequence[Tokenizer],
    *,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def vocabulary_report(tokenizer: Tokenizer, *, on_progress: _OnProgress | None = None) -> str: ...
def audit_shards(
    pools: Sequence[tuple[str, Sequence[Path], Sequence[tuple[int, int]]]],
    *,
    stages: int,
    vocab_size: int,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> tuple[list[NDArray[np.uint64]], list[tuple[str, NDArray[np.uint64]]], str]: ...
def tokenise(
    run: str | Path,
    tokenizer: Tokenizer,
    *,
    eos: int,
    seed: int,
    identity: str,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def build_shards(
    run: str | Path,
    *,
    vocab_size: int,
    eos: int,
    tokenizer_sha256: Sequence[int] | bytes,
    max_shard_bytes: int,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def build_index(
    run: str | Path,
    output: str | Path,
    *,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def merge_indexes(
    indexes: Sequence[str | Path],
    output: str | Path,
    *,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> tuple[str, str]: ...
def read_index(index: str | Path) -> str: ...
def check_index(
    index: str | Path, *, threads: int, on_progress: _OnProgress | None = None
) -> list[tuple[Path, str]]: ...
def check_shards(
    shards: Sequence[tuple[str | Path, str, str]],
    *,
    level: str,
    vocab_size: int,
    eos: int,
    tokenizer_sha256: str,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> list[tuple[Path, int, str]]: ...
def check_contents(
    run: str | Path,
    tokenizer: Tokenizer,
    pools: Sequence[tuple[str, str, str, Sequence[str | Path]]],
    *,
    eos: int,
    seed: int,
    sample: int | None,
    sample_seed: int,
    threads: int,
    memory: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def rewrite_selection(
    tables: Sequence[tuple[str | Path, str | Path]],
    removed: bytes,
    *,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> list[int]: ...
def rewrite_shards(
    shards: Sequence[tuple[str | Path, str | Path]],
    removed: bytes,
    *,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def file_sha256(path: str | Path) -> str: ...
def items_in_texts(
    texts: object,
    items: object,
    *,
    ngram: int = 5,
    minimum_words: int = 8,
    threshold: float = 0.25,
    threads: int = 1,
) -> _Arrow: ...
def deduplicate(
    texts: object,
    *,
    order: Sequence[int] | None = None,
    threshold: float = 0.8,
    bands: int = 14,
    rows: int = 8,
    shingle: int = 5,
    seed: int = 0,
    threads: int = 1,
    on_progress: _OnProgress | None = None,
) -> _Arrow: ...
def judge(
    texts: object,
    *,
    language: str,
    profile: str | None = None,
    profile_toml: str | None = None,
    words: Sequence[Sequence[str]] | None = None,
    threads: int = 1,
) -> _Arrow: ...
def fit_profile(
    language: str,
    reference: Sequence[str],
    *,
    base: str,
    method: str,
    tail: float,
    english: Sequence[str],
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def try_profile(
    paths: Sequence[str],
    *,
    language: str,
    profile_toml: str | None,
    profile_name: str,
    examples: int,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def try_noise(
    paths: Sequence[str],
    *,
    rules: tuple[str, str | None] | None,
    repairs: Sequence[str],
    paragraphs: tuple[int, float, bool] | None,
    drop_mixed: bool,
    lid_model: str | Path | None,
    threshold: float,
    languages: Sequence[str],
    examples: int,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def cleaning_names() -> tuple[list[str], list[str], list[str]]: ...
def script_shares(texts: object) -> list[tuple[str, list[float]]]: ...
def segment_languages(
    model: LanguageModel,
    texts: object,
    *,
    language: str | None,
    min_letters: int,
    min_share: float,
    threads: int,
) -> _Arrow: ...
def segment_files(
    model: LanguageModel,
    paths: Sequence[str],
    *,
    language: str | None,
    min_letters: int,
    min_share: float,
    text_column: str,
    id_column: str,
    format: str | None,
    text_unit: str,
    max_document_bytes: int,
    on_bad_record: str,
    output: str | Path | None,
    threads: int,
    on_progress: _OnProgress | None = None,
) -> str: ...
def profile_names() -> list[str]: ...
def profile_toml(name: str) -> str: ...
def catalogue() -> list[tuple[str, str, str, str, str]]: ...

@final
class Deduplicator:
    def __new__(
        cls,
        *,
        threshold: float,
        bands: int,
        rows: int,
        shingle: int,
        seed: int,
        memory: int,
        scratch: str | Path,
        threads: int,
    ) -> Deduplicator: ...
    def add(self, texts: object, *, order: Sequence[int] | None = None) -> int: ...
    def finish(self) -> Outcomes: ...

@final
class Outcomes:
    def __iter__(self) -> Outcomes: ...
    def __next__(self) -> _Arrow: ...

def signatures(
    texts: object,
    *,
    bands: int = 14,
    rows: int = 8,
    shingle: int = 5,
    seed: int = 0,
    threads: int = 1,
) -> NDArray[np.uint32]: ...
def band_keys(
    texts: object,
    *,
    bands: int = 14,
    rows: int = 8,
    shingle: int = 5,
    seed: int = 0,
    threads: int = 1,
) -> NDArray[np.uint64]: ...
def similarities(
    a: object, b: object, *, shingle: int = 5, containment: bool = False, threads: int = 1
) -> NDArray[np.float64]: ...
def datatrove_simplify(texts: object) -> list[str]: ...
def datatrove_signatures(
    texts: object,
    *,
    language: str,
    bands: int = 14,
    rows: int = 8,
    shingle: int = 5,
    seed: int = 1,
    precision: int = 64,
    threads: int = 1,
) -> NDArray[np.uint64]: ...
def datatrove_signatures_of_words(
    words: Sequence[Sequence[str]],
    *,
    bands: int = 14,
    rows: int = 8,
    shingle: int = 5,
    seed: int = 1,
    precision: int = 64,
    threads: int = 1,
) -> NDArray[np.uint64]: ...

@final
class TokenReader:
    def __new__(
        cls,
        pools: Sequence[tuple[str, int, int, Sequence[tuple[str | Path, int, str]]]],
        *,
        stage: str,
        seed: int,
        sequence_length: int,
        window: int,
        overlap: int,
        packing: str,
        tokenizer_sha256: str,
        open_shards: int,
    ) -> TokenReader: ...
    @property
    def windows(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def language_names(self) -> list[str]: ...
    @property
    def source_names(self) -> list[str]: ...
    def read(self, windows: NDArray[np.uint64], out: _Ids) -> None: ...
    def read_documents(self, windows: NDArray[np.uint64], out: _Ids) -> _Stretches: ...
    def locate(
        self, windows: NDArray[np.uint64]
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]: ...
    def survey(self, *, on_progress: _OnProgress | None = None) -> tuple[int, int, int, int]: ...
    def needed(self, windows: NDArray[np.uint64]) -> NDArray[np.uint64]: ...
    def cursors(self, windows: int) -> list[int]: ...

@final
class ShardBlocks:
    def __new__(cls, path: str | Path) -> ShardBlocks: ...
    @property
    def starts(self) -> NDArray[np.uint64]: ...
    @property
    def tokens(self) -> int: ...
    @property
    def width(self) -> int: ...
    def holds(self, block: int) -> bool: ...

_Ids: TypeAlias = NDArray[np.uint16] | NDArray[np.uint32] | NDArray[np.int32] | NDArray[np.int64]
_Stretches: TypeAlias = tuple[
    NDArray[np.int32],
    NDArray[np.uint32],
    NDArray[np.uint8],
    NDArray[np.uint16],
    NDArray[np.uint32],
    NDArray[np.uint64],
    NDArray[np.uint64],
    NDArray[np.uint8],
]

def fill_positions(
    cu_seqlens: NDArray[np.int32], out: NDArray[np.int32] | NDArray[np.int64]
) -> None: ...
def epoch_pieces(
    pool: str, seed: int, tokens: int, epoch: int
) -> tuple[NDArray[np.uint64], int]: ...

_ExportedFile: TypeAlias = tuple[Path, int, str, str]

def document_formats() -> list[str]: ...
def export_pool(
    format: str,
    pool: tuple[str, int, int, Sequence[tuple[str | Path, int, str]]],
    *,
    seed: int,
    tokenizer_sha256: str,
    folder: str | Path,
    copy: bool,
    on_progress: _OnProgress | None = None,
) -> list[tuple[str, int, int, list[_ExportedFile]]]: ...
def sample_formats() -> list[str]: ...
def export_samples(
    format: str,
    reader: TokenReader,
    *,
    pools: Sequence[str],
    folder: str | Path,
    file_bytes: int | None = None,
    on_progress: _OnProgress | None = None,
) -> list[tuple[_ExportedFile, int]]: ...
def score_run(
    run: str | Path,
    scorers: Sequence[tuple[str, str | Path, str, str | None, set[str] | None]],
    *,
    external: tuple[str | Path, Sequence[str]] | None = None,
    combine: str = "max",
    minimum: Mapping[str, float] = ...,
    keep: Mapping[str, float] = ...,
    threads: int = 1,
    memory: int = ...,
    on_progress: _OnProgress | None = None,
) -> str: ...
def train_scorer(
    positive: Sequence[Source],
    negative: Sequence[Source],
    output: str | Path,
    *,
    words_of: str | None = None,
    quantise: bool = False,
    cutoff: int = 0,
    held_out: float = 0.2,
    dim: int = 100,
    epochs: int = 5,
    learning_rate: float = 0.1,
    loss: str = "softmax",
    word_ngrams: int = 2,
    min_n: int = 0,
    max_n: int = 0,
    buckets: int = 2000000,
    min_count: int = 1,
    seed: int = 0,
    threads: int = 1,
    memory: int = ...,
    on_progress: _OnProgress | None = None,
) -> str: ...
def evaluate_scorer(
    model: str | Path,
    positive: Sequence[Source],
    negative: Sequence[Source],
    *,
    label: str,
    words_of: str | None = None,
    threads: int = 1,
    on_progress: _OnProgress | None = None,
) -> str: ...
def version() -> str: ...
