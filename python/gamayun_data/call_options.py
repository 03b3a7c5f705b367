"""What a call may say over a recipe, or over the defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypedDict


class CurationOptions(TypedDict, total=False):
    """What a call may say over a recipe; `None` says nothing, as leaving it out does."""

    langs: str | Sequence[str] | None
    seed: int | None
    lid_model: str | Path | None
    language_threshold: float | Mapping[str, float] | None
    text_column: str | None
    id_column: str | None
    text_unit: Literal["file", "line"] | None
    format: Literal["jsonl", "parquet", "text"] | None
    scores: str | Path | None
    keep: str | Sequence[str] | None
    rehydrate: int | Literal["fixed"] | None
    against: Sequence[str] | None
    against_action: Literal["drop", "annotate"] | None
    repair: str | Sequence[str] | None
    private: str | Sequence[str] | None
    page_lines: str | Sequence[str] | None
    phrases: str | Path | None
    block_domains: Sequence[str] | None
    block_urls: Sequence[str] | None
    segments: str | Sequence[str] | None
    decontaminate: Sequence[str] | None
    decontaminate_fields: str | Sequence[str] | None
    decontaminate_action: Literal["drop", "annotate"] | None
    on_bad_record: Literal["reject", "fail"] | None
    max_document_bytes: int | str | None


class DedupOptions(TypedDict, total=False):
    """What a call may say over the defaults of deduplication; `None` says nothing."""

    threshold: float | None
    containment: float | None
    paragraphs: int | None
    lines: int | None
    min_bytes: int | None
    against: Sequence[str] | None
    against_action: Literal["drop", "annotate"] | None
    keep: str | Sequence[str] | None
    text_column: str | None
    id_column: str | None
    text_unit: Literal["file", "line"] | None
    format: Literal["jsonl", "parquet", "text"] | None
    on_bad_record: Literal["reject", "fail"] | None
    max_document_bytes: int | str | None


class TokenizerOptions(TypedDict, total=False):
    """What a call may say over the tokenizer of a recipe."""

    vocab_size: int | None
    split: str | None
    special_tokens: Sequence[str] | None
    reserved: int | None
    min_frequency: int | None
    max_token_length: int | None
    min_pretoken_count: int | None
    weights: Literal["stages", "natural"] | Mapping[str, float] | None
