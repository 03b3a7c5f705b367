"""What vocabularies are measured on: counted text, and content on which languages are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gamayun_data import _core
from gamayun_data.errors import ConfigError
from gamayun_data.targets import targets_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gamayun_data.counting import PretokenCounts
    from gamayun_data.parallel_text import ParallelText
    from gamayun_data.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class LanguageCost:
    """A language under a vocabulary: its tokens, and the content that they are held against.

    `bytes` and `tokens` are those of the text that was measured. `content_tokens` and `content` are
    those of parallel text, or of the same text by targets; 0 if the language is not compared.
    """

    language: str
    bytes: int
    tokens: int
    content_tokens: int
    content: float

    @property
    def bytes_per_token(self) -> float:
        """UTF-8 bytes that a token covers; more is better."""
        return self.bytes / self.tokens if self.tokens else math.nan

    @property
    def cost(self) -> float:
        """Tokens for the content of a byte of the reference; NaN if it is not compared."""
        return self.content_tokens / self.content if self.content else math.nan


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What vocabularies are measured on."""

    text: PretokenCounts
    parallel: _core.PretokenCounts | None
    content: Mapping[str, float]
    threads: int
    measured: str
    compared: str

    def measure(self, tokenizer: Tokenizer) -> tuple[LanguageCost, ...]:
        """What each language that there is text of pays."""
        of_text = _core.evaluate_counts(tokenizer.core, self.text.core, threads=self.threads)
        apart = of_text
        if self.parallel:
            apart = _core.evaluate_counts(tokenizer.core, self.parallel, threads=self.threads)
        known = {language: tokens for language, _, tokens in apart}
        return tuple(
            LanguageCost(
                language,
                size,
                tokens,
                known.get(language, 0) if language in self.content else 0,
                self.content.get(language, 0.0),
            )
            for language, size, tokens in of_text
            if tokens
        )


def yardstick_of(
    counts: PretokenCounts,
    held_out: PretokenCounts | None,
    parallel: ParallelText | None,
    targets: str | Path | None,
    threads: int,
) -> Yardstick:
    """Measure held-out text, or else what was counted; compare on parallel text or by targets."""
    measured = "held-out text" if held_out else "the text that was trained on"
    text = held_out or counts
    sizes = sizes_of(text)
    if parallel:
        known = [language for language in sizes if language in parallel.languages]
        if not known:
            raise ConfigError("parallel text: has none of the languages of the counts")
        texts: list[tuple[str, object]] = [(name, parallel.texts(name)) for name in known]
        counted = _core.PretokenCounts.of_texts(texts, split=counts.split, threads=threads)
        content: dict[str, float] = {name: parallel.content(name) for name in known}
        told = f"tokens of parallel text per byte of it in {parallel.reference}"
        return Yardstick(text, counted, content, threads, measured, told)
    needs = targets_for(list(sizes), targets)
    content = {name: sizes[name] / target for name, target in needs.items()}
    told = "tokens per byte of it, times the target"
    return Yardstick(text, None, content, threads, measured, told)


def sizes_of(counts: PretokenCounts) -> dict[str, int]:
    """Bytes of text by language."""
    return {row.language: row.bytes for row in counts.languages}


def compared(rows: Iterable[LanguageCost]) -> list[float]:
    """The costs of those that are compared."""
    return [row.cost for row in rows if row.content and row.content_tokens]
