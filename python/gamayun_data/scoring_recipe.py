"""What a recipe says of scores: classifiers, how their scores are combined, what is dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import schema

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Scorer:
    """A classifier of a run; without `languages` it scores all documents.

    `label` is the one whose probability is the score: by default the model's good one.
    """

    name: str
    model: str
    label: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scoring:
    """How documents are scored, and what scores drop; nothing is scored without a scorer or scores.

    `scores` is a Parquet file of ids and scores from elsewhere. `min` is the least combined score
    by language, `keep` the share of a language's bytes that stays, the best first; `*` stands for
    all languages that are not named.
    """

    scorers: tuple[Scorer, ...] = ()
    scores: str | None = None
    combine: str = "max"
    min: Mapping[str, float] = field(default_factory=dict)
    keep: Mapping[str, float] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.scorers or self.scores)

    def at(self, place: Callable[[str | None], str | None]) -> Scoring:
        """The same with its files where `place` says."""
        scorers = tuple(replace(one, model=str(place(one.model))) for one in self.scorers)
        return replace(self, scorers=scorers, scores=place(self.scores))

    def said(self) -> dict[str, Any] | None:
        """What changes the scores, without paths; `None` if nothing is scored."""
        if not self.wanted:
            return None
        whole = asdict(self)
        for one in whole["scorers"]:
            del one["model"]
        return {**whole, "scores": self.scores is not None}


_KEY: Final = schema.matching(r"\*|[A-Za-z][A-Za-z0-9_]*", "a language or *")
_LANGUAGES: Final = schema.list_of(schema.matching(r"[A-Za-z][A-Za-z0-9_]*", "a language"))
_NAME: Final = schema.matching(r"[A-Za-z0-9][A-Za-z0-9_-]*", "a name of letters, digits, _ and -")
_SCORER_KEYS: Final[Mapping[str, schema.Check]] = {
    "name": _NAME,
    "model": schema.text,
    "label": schema.text,
    "languages": schema.distinct(_LANGUAGES),
}
SCORING_KEYS: Final[Mapping[str, schema.Check]] = {
    "scorers": schema.list_of(schema.record(Scorer, _SCORER_KEYS, required=("name", "model"))),
    "scores": schema.text,
    "combine": schema.choice("max", "mean", "rank-max", "rank-mean"),
    "min": schema.mapping_of(_KEY, schema.number(0, 1)),
    "keep": schema.mapping_of(_KEY, schema.number(0, 1, above=True)),
}
SCORING: Final = schema.record(Scoring, SCORING_KEYS)
