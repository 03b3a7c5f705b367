"""Where in a recipe an option of a call or a command has its place."""

from __future__ import annotations

from typing import Final

PLACES: Final = {
    "langs": ("", "languages"),
    "seed": ("", "seed"),
    "text_column": ("sources", "text_column"),
    "id_column": ("sources", "id_column"),
    "text_unit": ("sources", "text_unit"),
    "format": ("sources", "format"),
    "lid_model": ("curation", "lid_model"),
    "language_threshold": ("curation", "language_thresholds"),
    "on_bad_record": ("curation", "on_bad_record"),
    "max_document_bytes": ("curation", "max_document_bytes"),
    "repair": ("clean", "repair"),
    "private": ("clean", "private"),
    "page_lines": ("clean", "lines"),
    "phrases": ("clean", "phrases"),
    "block_domains": ("clean", "block_domains"),
    "block_urls": ("clean", "block_urls"),
    "segments": ("segments", "asked"),
    "decontaminate": ("decontamination", "files"),
    "decontaminate_fields": ("decontamination", "fields"),
    "decontaminate_action": ("decontamination", "action"),
    "scores": ("quality", "scores"),
    "keep": ("dedup", "keep"),
    "threshold": ("dedup", "threshold"),
    "containment": ("dedup", "containment"),
    "paragraphs": ("passages", "paragraphs"),
    "lines": ("passages", "lines"),
    "min_bytes": ("substrings", "min_bytes"),
    "rehydrate": ("dedup", "rehydrate"),
    "against": ("dedup", "against"),
    "against_action": ("dedup", "against_action"),
    "vocab_size": ("tokenizer", "vocab_size"),
    "split": ("tokenizer", "split"),
    "special_tokens": ("tokenizer", "special_tokens"),
    "reserved": ("tokenizer", "reserved"),
    "min_frequency": ("tokenizer", "min_frequency"),
    "max_token_length": ("tokenizer", "max_token_length"),
    "min_pretoken_count": ("tokenizer", "min_pretoken_count"),
    "weights": ("tokenizer", "weights"),
    "tokenizer": ("tokenizer", "file"),
}
"""An option, and the section and key of the recipe that it overrides."""
