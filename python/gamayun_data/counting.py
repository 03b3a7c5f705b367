"""Pretokens counted once: the table from which any mixture and any vocabulary size is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gamayun_data import _core
from gamayun_data.errors import ConfigError
from gamayun_data.texts import Texts, threads_of
from gamayun_data.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class LanguageCounts:
    """What was counted of one language: documents, bytes of text, different pretokens."""

    language: str
    documents: int
    bytes: int
    pretokens: int


@dataclass(frozen=True, slots=True)
class PretokenCounts:
    """How often each pretoken occurs in each language; equal for equal texts in any order."""

    core: _core.PretokenCounts

    @staticmethod
    def of_texts(
        texts: Texts | Mapping[str, Texts], *, split: str = "gamayun", threads: int | None = None
    ) -> PretokenCounts:
        """Count the pretokens of texts, or of texts by language.

        >>> counts = PretokenCounts.of_texts({"en": ["to be or not to be"]})
        >>> counts.languages
        (LanguageCounts(language='en', documents=1, bytes=18, pretokens=5),)
        """
        by_language: list[tuple[str, Any]] = (
            sorted(texts.items()) if isinstance(texts, Mapping) else [("", texts)]
        )
        counted = _core.PretokenCounts.of_texts(
            by_language, split=split, threads=threads_of(threads)
        )
        return PretokenCounts(counted)

    @staticmethod
    def load(path: str | Path) -> PretokenCounts:
        """Read a file that `save` or `tokenizer count` wrote.

        Raises `FormatError` for another file and `IntegrityError` for a damaged one.
        """
        return PretokenCounts(_core.PretokenCounts.open(path))

    def save(self, path: str | Path) -> None:
        """Write a file: the same bytes for the same counts."""
        self.core.save(path)

    def save_segments(self, tokenizer: Tokenizer, path: str | Path) -> None:
        """Write the pretokens with their tokens to a file, for `Tokenizer.use_segments`.

        `ConfigError` if the tokenizer splits otherwise than these counts.
        """
        tokenizer.core.save_segments(self.core, path)

    @staticmethod
    def merge(parts: Iterable[PretokenCounts]) -> PretokenCounts:
        """Add up counts that were made with one split pattern, as on several machines.

        >>> one = PretokenCounts.of_texts({"en": ["a b"]})
        >>> PretokenCounts.merge([one, one]).languages[0].documents
        2
        """
        cores = [part.core for part in parts]
        if not cores:
            raise ConfigError("parts: no counts to merge", parameter="parts")
        return PretokenCounts(_core.PretokenCounts.merged(cores))

    @property
    def split(self) -> str:
        """The split pattern."""
        return self.core.split

    @property
    def languages(self) -> tuple[LanguageCounts, ...]:
        """What was counted, by language."""
        return tuple(LanguageCounts(*row) for row in self.core.languages)

    @property
    def pretokens(self) -> int:
        """Different pretokens in all languages together."""
        return self.core.unique

    def train(
        self,
        vocab_size: int = 65_024,
        *,
        special_tokens: Sequence[str] = ("<|endoftext|>",),
        min_frequency: int = 2,
        max_token_length: int | None = None,
        weights: Mapping[str, float] | None = None,
        threads: int | None = None,
    ) -> Tokenizer:
        """Train byte-level BPE; `weights` by language scale the counts, 1 where none is named.

        >>> counts = PretokenCounts.of_texts({"en": ["low lower lowest"] * 4})
        >>> counts.train(262).vocab_size
        262
        """
        [made] = self.train_sizes(
            [vocab_size],
            special_tokens=special_tokens,
            min_frequency=min_frequency,
            max_token_length=max_token_length,
            weights=weights,
            threads=threads,
        )
        return made

    def train_sizes(
        self,
        vocab_sizes: Sequence[int],
        *,
        special_tokens: Sequence[str] = ("<|endoftext|>",),
        min_frequency: int = 2,
        max_token_length: int | None = None,
        weights: Mapping[str, float] | None = None,
        threads: int | None = None,
    ) -> list[Tokenizer]:
        """Train tokenizers of several sizes at the cost of the largest.

        The merges of a smaller vocabulary begin those of a larger one, so each tokenizer is the
        one that `train` makes of its size.

        >>> counts = PretokenCounts.of_texts({"en": ["low lower lowest"] * 4})
        >>> [made.vocab_size for made in counts.train_sizes([260, 262])]
        [260, 262]
        """
        made = self.core.train(
            list(vocab_sizes),
            special_tokens=list(special_tokens),
            min_frequency=min_frequency,
            max_token_length=max_token_length,
            weights=sorted((weights or {}).items()),
            threads=threads_of(threads),
        )
        return [Tokenizer(core) for core in made]
