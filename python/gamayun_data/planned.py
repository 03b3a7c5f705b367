"""A plan as a value: pools, what each stage takes from them, and views by language and domain."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gamayun_data.recipe import MAX_EPOCHS
from gamayun_data.results import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Pool:
    """The documents of a language, a domain and, where there are, a bucket of quality from 0 on.

    Tokens include one end-of-text a document.

    A document that is repeated counts as often as it is in `documents`, `tokens` and `bytes`;
    `repeated_tokens` are those of all copies but the first. `error` is the standard error of
    `tokens` where they are estimated, 0 where they are counted.
    """

    name: str
    language: str
    domain: str
    documents: int
    tokens: int
    bytes: int
    error: float = 0.0
    repeated_tokens: int = 0
    bucket: int | None = None

    @property
    def unique_tokens(self) -> int:
        """Tokens of the documents, each once."""
        return self.tokens - self.repeated_tokens


def parted(domain: str) -> tuple[str, int | None]:
    """A domain as the selection has it, which ends in its bucket where there is one.

    >>> parted("web-q3"), parted("web")
    (('web', 3), ('web', None))
    """
    name, mark, bucket = domain.rpartition("-q")
    return (name, int(bucket)) if mark else (domain, None)


@dataclass(frozen=True, slots=True)
class PoolShare:
    """What a stage takes from a pool; `start_token` and `end_token` count from epoch 0 on.

    An epoch is the whole pool, repeats by rehydration included.
    """

    pool: str
    language: str
    domain: str
    requested: float
    share: float
    samples: int
    tokens: int
    epochs: float
    cumulative_epochs: float
    start_token: int
    end_token: int
    effective_tokens: float
    pool_tokens: int
    max_epochs: float = MAX_EPOCHS
    bucket: int | None = None


@dataclass(frozen=True, slots=True)
class GroupShare:
    """What a stage takes from the pools of one language, or of one domain."""

    name: str
    requested: float
    share: float
    samples: int
    tokens: int
    epochs: float
    cumulative_epochs: float
    effective_tokens: float


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage in whole samples; the shares are of its own tokens and sum to 1.

    `max_epochs` is the cap of pools that have none of their own. `settings` are the policy, unit
    and packing, each only where the recipe departs from the default.
    """

    name: str
    budget: int
    sequence_length: int
    samples: int
    tokens: int
    max_epochs: float
    shares: tuple[PoolShare, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def by_language(self) -> tuple[GroupShare, ...]:
        """The shares of the languages, by name."""
        return _grouped(self.shares, lambda share: share.language)

    def by_domain(self) -> tuple[GroupShare, ...]:
        """The shares of the domains, by name."""
        return _grouped(self.shares, lambda share: share.domain)


@dataclass(frozen=True, slots=True)
class Needs:
    """What building the shards will take, and what that was estimated from."""

    disk_bytes: int
    seconds: float | None
    sampled_documents: int
    sampled_bytes: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a mixture that a person should know; `subject` is a pool, language or key.

    `code` is one of `lint.CODES`; `stage` is empty for what concerns no single one.
    """

    code: str
    stage: str
    subject: str
    message: str

    def __str__(self) -> str:
        """The finding as a line."""
        where = f"stage `{self.stage}`: " if self.stage else ""
        return f"{where}{self.message} ({self.code})"


@dataclass(frozen=True, slots=True)
class Plan:
    """All stages over one set of pools; `exact` when the tokens of the pools were counted."""

    exact: bool
    pools: tuple[Pool, ...]
    stages: tuple[StagePlan, ...]
    warnings: tuple[Finding, ...] = ()
    needs: Needs | None = None

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain dicts and lists, for JSON."""
        return dict(to_json(self))


def _grouped(
    shares: Sequence[PoolShare], key: Callable[[PoolShare], str]
) -> tuple[GroupShare, ...]:
    groups: defaultdict[str, list[PoolShare]] = defaultdict(list)
    for share in shares:
        groups[key(share)].append(share)
    total = sum(share.samples for share in shares)
    return tuple(_group(name, groups[name], total) for name in sorted(groups))


def _group(name: str, shares: Sequence[PoolShare], total: int) -> GroupShare:
    samples = sum(share.samples for share in shares)
    tokens = sum(share.tokens for share in shares)
    whole = sum(share.pool_tokens for share in shares)
    return GroupShare(
        name=name,
        requested=math.fsum(share.requested for share in shares),
        share=ratio(samples, total),
        samples=samples,
        tokens=tokens,
        epochs=ratio(tokens, whole),
        cumulative_epochs=ratio(sum(share.end_token for share in shares), whole),
        effective_tokens=math.fsum(share.effective_tokens for share in shares),
    )


def ratio(part: int, whole: int) -> float:
    """Divide, where nothing of nothing is nothing."""
    return part / whole if whole else 0.0
