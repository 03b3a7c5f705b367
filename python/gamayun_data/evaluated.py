"""What measuring a tokenizer returns: counts, and the measures that are ratios of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gamayun_data import fairness

ENGLISH: Final = "en"
"""The language that others are compared with."""


def ratio(of: float, to: float) -> float:
    """Divide; NaN where there is nothing to divide by.

    >>> ratio(3, 2), ratio(3, 0)
    (1.5, nan)
    """
    return of / to if to else math.nan


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """A tokenizer on the text of one language; words are those of the rules.

    `whole_words` are those that no token begins inside of; `used` are different ids; `renyi` is
    the entropy of order 2.5 in nats. Of the `listed` most frequent words, `listed_whole` are one
    token. On parallel text a document is a line.
    """

    language: str
    documents: int
    bytes: int
    characters: int
    words: int
    tokens: int
    whole_words: int = 0
    used: int = 0
    renyi: float = 0.0
    listed: int = 0
    listed_whole: int = 0

    @property
    def bytes_per_token(self) -> float:
        """UTF-8 bytes that a token covers; more is better."""
        return ratio(self.bytes, self.tokens)

    @property
    def characters_per_token(self) -> float:
        """Code points that a token covers; more is better."""
        return ratio(self.characters, self.tokens)

    @property
    def fertility(self) -> float:
        """Tokens that a word takes; fewer is better."""
        return ratio(self.tokens, self.words)

    @property
    def continued(self) -> float:
        """The share of words that are cut; less is better."""
        return ratio(self.words - self.whole_words, self.words)

    @property
    def single(self) -> float:
        """The share of the most frequent words that are one token (STRR); more is better."""
        return ratio(self.listed_whole, self.listed)

    @property
    def tokens_per_document(self) -> float:
        """Tokens that a document takes; on parallel text, a line."""
        return ratio(self.tokens, self.documents)


@dataclass(frozen=True, slots=True)
class Token:
    r"""A token: its id, its text (`\xNN` for bytes that are no characters) and a note on it."""

    id: int
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A token most of whose occurrences are of one source or document.

    `expected_share` is what the source would have by its share of the token's languages.
    """

    id: int
    text: str
    count: int
    documents: int
    source: str
    source_share: float
    expected_share: float
    document: str
    document_share: float


@dataclass(frozen=True, slots=True)
class VocabularyFindings:
    """What a look at each token found.

    `unreachable` tokens are those that no text encodes to, noted with the reason: `bytes` that
    UTF-8 does not have, `merges` that give other tokens, or the `context`: in every text tried
    they were cut apart or merged with their neighbours. `partial` ones
    begin or end inside a character; `runs` repeat one to four characters. `duplicates` are groups
    that differ in case, white space around them or compatibility forms only.
    """

    tokens: int
    special: int
    holes: int
    unreachable: tuple[Token, ...]
    partial: tuple[Token, ...]
    runs: tuple[Token, ...]
    duplicates: tuple[tuple[Token, ...], ...]
    scripts: Mapping[str, int]

    @property
    def duplicated(self) -> int:
        """Tokens beyond the first of each group of near duplicates."""
        return sum(len(group) - 1 for group in self.duplicates)


@dataclass(frozen=True, slots=True)
class TokenizerEvaluation:
    """A tokenizer: on text by language, on parallel text if there was any, and by itself.

    `tokens` counts the tokens of its vocabulary that are not special.
    """

    path: str
    vocab_size: int
    rows: tuple[EvaluationRow, ...]
    name: str = ""
    tokens: int = 0
    used: int = 0
    renyi: float = 0.0
    parallel: tuple[EvaluationRow, ...] = ()
    concentrated: tuple[TokenPlace, ...] = ()
    vocabulary: VocabularyFindings | None = None

    @property
    def bytes_per_token(self) -> float:
        """Over all languages."""
        return ratio(sum(row.bytes for row in self.rows), sum(row.tokens for row in self.rows))

    @property
    def use(self) -> float:
        """The share of the vocabulary that occurs."""
        return ratio(self.used, self.tokens)

    @property
    def renyi_efficiency(self) -> float:
        """Entropy of order 2.5 over the largest that the vocabulary could have."""
        return ratio(self.renyi, math.log(self.tokens)) if self.tokens > 1 else math.nan

    @property
    def gini(self) -> float:
        """Of tokens per byte over languages."""
        return fairness.gini([ratio(row.tokens, row.bytes) for row in self.rows if row.bytes])

    @property
    def max_min(self) -> float:
        """Most tokens per byte of a language over the fewest."""
        return fairness.spread([ratio(row.tokens, row.bytes) for row in self.rows if row.bytes])

    @property
    def parallel_gini(self) -> float:
        """Of tokens per line of parallel text over languages."""
        return fairness.gini([row.tokens_per_document for row in self.parallel])

    @property
    def parallel_max_min(self) -> float:
        """Most tokens per line of parallel text over the fewest."""
        return fairness.spread([row.tokens_per_document for row in self.parallel])

    @property
    def premiums(self) -> Mapping[str, float]:
        """Tokens of a language over those of English for the same lines; empty without English."""
        costs = {row.language: float(row.tokens) for row in self.parallel}
        return fairness.premiums(costs, ENGLISH) if costs.get(ENGLISH) else {}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Tokenizers side by side on the same text; `text` says which."""

    text: str
    tokenizers: tuple[TokenizerEvaluation, ...]
    seconds: float = 0.0
    parallel_lines: int = 0


@dataclass(frozen=True, slots=True)
class StageAudit:
    """What a stage reads: its tokens, and how many tokens of text it never or seldom reads.

    `ranked` has the times that tokens are read at some ranks, from 1 for the most frequent.
    """

    stage: str
    tokens: int
    special_tokens: int
    never: int
    rare: int
    ranked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LanguageAudit:
    """What all stages read of a language: its tokens, and how many different ones of text."""

    language: str
    tokens: int
    used: int
    rare: int


@dataclass(frozen=True, slots=True)
class SeenToken:
    """A token with how often each stage reads it, and where it is from: empty if nowhere.

    `note` says why no text encodes to it, if none does: see `VocabularyFindings`.
    """

    id: int
    text: str
    stages: tuple[int, ...]
    source: str = ""
    documents: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class TokenAudit:
    """The tokens of a run as training will see them.

    `never` holds the text tokens that no stage reads, `rare` those that all stages together read
    fewer than `rare_below` times, the rarest first. `special` holds the special tokens: those that
    are not read have untrained embeddings too. `holes` are ids without a token. `table` is the
    Parquet file with every id.
    """

    run: str
    vocab_size: int
    tokens: int
    rare_below: int
    stages: tuple[StageAudit, ...]
    languages: tuple[LanguageAudit, ...]
    never: tuple[SeenToken, ...]
    rare: tuple[SeenToken, ...]
    special: tuple[SeenToken, ...]
    holes: int
    concentrated: tuple[TokenPlace, ...] = ()
    table: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every text token is read that a text can have."""
        return all(one.note for one in self.never)

    @property
    def never_share(self) -> float:
        """The share of text tokens that are never read."""
        return ratio(len(self.never), self.tokens)
