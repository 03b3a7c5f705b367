"""Parity-aware training: the language that pays the most tokens for its content chooses next.

After "Parity-Aware Byte-Pair Encoding" (arXiv 2508.04796), with its hybrid and window forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gamayun_data import _core
from gamayun_data.errors import ConfigError
from gamayun_data.texts import threads_of
from gamayun_data.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gamayun_data.counting import PretokenCounts
    from gamayun_data.parallel_text import ParallelText

ALPHA: Final = 2.0
"""A language may have so many times its equal share of the turns of a window."""


@dataclass(frozen=True, slots=True)
class LanguageTurns:
    """What a language had of a training.

    `turns` are the merges that it chose. `tokens` are those of the text that was measured, and
    `content` what they were held against; a language without content took no turns.
    """

    language: str
    turns: int
    tokens: int
    content: int | None

    @property
    def cost(self) -> float | None:
        """Tokens for a unit of content."""
        return self.tokens / self.content if self.content else None


@dataclass(frozen=True, slots=True)
class ParityTraining:
    """The tokenizers in the order of the sizes asked for, and the turns of the largest."""

    tokenizers: tuple[Tokenizer, ...]
    languages: tuple[LanguageTurns, ...]


def train_parity(
    counts: PretokenCounts,
    vocab_sizes: Sequence[int],
    *,
    parallel: ParallelText | None = None,
    targets: Mapping[str, float] | None = None,
    hybrid: int = 0,
    window: int | None = None,
    alpha: float = ALPHA,
    special_tokens: Sequence[str] = ("<|endoftext|>",),
    min_frequency: int = 2,
    max_token_length: int | None = None,
    weights: Mapping[str, float] | None = None,
    threads: int | None = None,
    on_progress: Callable[[int, int, int, int], None] | None = None,
) -> ParityTraining:
    """Train vocabularies in which languages pay alike, all sizes at the cost of the largest.

    Costs are measured on `parallel` text; or else on the training text, of which a language is said
    to need `targets` times the bytes of the reference for the same content. Languages that neither
    names take no turns. The first `hybrid` tokens are those of classic training with `weights`.
    With a `window`, who had more than `alpha` times an equal share of so many last turns is passed
    over.

    >>> from gamayun_data import PretokenCounts
    >>> counts = PretokenCounts.of_texts({"en": ["low lower lowest"] * 9, "tr": ["taş taşlar"]})
    >>> made = train_parity(counts, [262], targets={"en": 1, "tr": 1}, min_frequency=1)
    >>> [(row.language, row.turns) for row in made.languages]
    [('en', 2), ('tr', 3)]
    """
    if (parallel is None) == (targets is None):
        raise ConfigError("parity: expected either parallel text or targets", parameter="parity")
    cores, rows = _core.train_parity(
        counts.core,
        list(vocab_sizes),
        parallel=_counted(parallel, counts, threads_of(threads)) if parallel else None,
        targets=sorted((targets or {}).items()),
        hybrid=hybrid,
        window=None if window is None else (window, alpha),
        special_tokens=list(special_tokens),
        min_frequency=min_frequency,
        max_token_length=max_token_length,
        weights=sorted((weights or {}).items()),
        threads=threads_of(threads),
        on_progress=on_progress,
    )
    return ParityTraining(
        tuple(Tokenizer(core) for core in cores), tuple(LanguageTurns(*row) for row in rows)
    )


def _counted(
    parallel: ParallelText, counts: PretokenCounts, threads: int
) -> tuple[_core.PretokenCounts, list[tuple[str, int]]]:
    """The counts of parallel text, and the content, of languages that there are counts of."""
    known = [row.language for row in counts.languages if row.language in parallel.languages]
    if not known:
        raise ConfigError("parallel text: has none of the languages of the counts")
    texts: list[tuple[str, object]] = [(name, parallel.texts(name)) for name in known]
    counted = _core.PretokenCounts.of_texts(texts, split=counts.split, threads=threads)
    return counted, [(name, parallel.content(name)) for name in known]
