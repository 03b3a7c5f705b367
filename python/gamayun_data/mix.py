"""The mixture: from pools and stages to exact samples, tokens and epochs, without any I/O.

A pool is the documents of one language, one domain and one bucket of quality. What share each gets
is settled in `shares`, by anchors and the policy of the stage. Shares become whole samples by
largest remainder, so that every pool is within one sample of its exact share and the samples of a
stage sum to its budget. Each pool has one cursor, in tokens, that goes on from stage to stage:
fresh data come first and nothing is replayed before the pool is through. The epoch cap holds for
all stages so far together. A stage that cannot be met is refused with the constraint, the amounts
and the nearest plans that could be; nothing is renormalised.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gamayun_data import lint
from gamayun_data.budget import deal, effective
from gamayun_data.errors import ConfigError
from gamayun_data.nearest import infeasible
from gamayun_data.planned import (
    Finding,
    GroupShare,
    Needs,
    Plan,
    Pool,
    PoolShare,
    StagePlan,
    ratio,
)
from gamayun_data.policies import Policy
from gamayun_data.recipe import exact
from gamayun_data.shares import Measured, grain, requested, settled

__all__ = [
    "Finding",
    "GroupShare",
    "Needs",
    "Plan",
    "Pool",
    "PoolShare",
    "StagePlan",
    "language_sizes",
    "language_weights",
    "mean_shares",
    "plan",
    "plan_from",
    "requested_shares",
]

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gamayun_data.recipe import Stage

BYTES_PER_TOKEN: Final = 4
"""Taken where a budget in tokens meets pools in bytes: before there is a tokenizer."""


def plan(pools: Iterable[Pool], stages: Sequence[Stage], *, exact: bool) -> Plan:
    """Plan the stages over the pools, or raise `ConfigError` with the constraint that binds.

    >>> from gamayun_data.recipe import Stage
    >>> pools = [Pool("en-web", "en", "web", 9, 6000, 1), Pool("ru-web", "ru", "web", 9, 4000, 1)]
    >>> done = plan(pools, [Stage("s", 1000, 10, anchors={"en": 0.37})], exact=True)
    >>> [(share.pool, share.samples, share.epochs) for share in done.stages[0].shares]
    [('en-web', 37, 0.0616...), ('ru-web', 63, 0.1575)]
    """
    ordered = tuple(sorted(pools, key=lambda pool: pool.name))
    cursors = dict.fromkeys((pool.name for pool in ordered), 0)
    if len(cursors) != len(ordered):
        raise ConfigError("pools: two pools have the same name", parameter="pools")
    planned: list[StagePlan] = []
    for stage in stages:
        planned.append(_plan_stage(stage, ordered, cursors))
        cursors.update((share.pool, share.end_token) for share in planned[-1].shares)
    return Plan(exact, ordered, tuple(planned), tuple(lint.findings(ordered, stages, planned)))


def plan_from(pools: Iterable[Pool], stage: Stage, cursors: Mapping[str, int]) -> Plan:
    """Plan one more stage over counted pools, each from its cursor on; as `plan` otherwise."""
    ordered = tuple(sorted(pools, key=lambda pool: pool.name))
    planned = _plan_stage(stage, ordered, cursors)
    found = tuple(lint.findings(ordered, [stage], [planned]))
    return Plan(exact=True, pools=ordered, stages=(planned,), warnings=found)


def requested_shares(pools: Sequence[Pool], stage: Stage) -> dict[str, Fraction]:
    """The exact share of each pool in a first stage, by name of pool; they sum to 1."""
    return requested(pools, stage, _rooms(stage, pools, {}))[1]


def mean_shares(pools: Sequence[Pool], stages: Sequence[Stage]) -> dict[str, float]:
    """The share of each pool in all stages together, weighted by their budgets.

    Needs no token counts: pools whose `tokens` hold bytes give shares before a tokenizer exists. A
    policy that looks at budgets then takes a token for four bytes.
    """
    budgets = [stage.tokens or stage.budget // BYTES_PER_TOKEN for stage in stages]
    means = dict.fromkeys((pool.name for pool in pools), Fraction(0))
    used = dict.fromkeys(means, Fraction(0))
    for stage, budget in zip(stages, budgets, strict=True):
        measured = Measured.in_bytes(pools, stage, used)
        amount = Fraction((stage.budget or stage.tokens * BYTES_PER_TOKEN) * grain(stage))
        for name, share in _roughly(measured, stage, amount).items():
            means[name] += share * budget / sum(budgets)
            used[name] += share * amount / grain(stage)
    return {name: float(share) for name, share in means.items()}


def _roughly(measured: Measured, stage: Stage, amount: Fraction) -> dict[str, Fraction]:
    """The shares of a stage whose budget is only roughly known: natural where a curve needs it."""
    try:
        return settled(measured, stage, amount)
    except ConfigError as error:
        if error.parameter != "policy.repeats":
            raise
        return settled(measured, replace(stage, policy=Policy()), amount)


def language_weights(pools: Sequence[Pool], stages: Sequence[Stage]) -> dict[str, float]:
    """The factor per language that makes its bytes weigh as its share of all stages together.

    For training a tokenizer, before which only bytes are known: `tokens` of these pools are the
    bytes that an epoch reads, `bytes` those that are counted, each document once. The weighted
    bytes of all languages sum to their bytes. A language that no stage reads has the factor 0.
    """
    shares = mean_shares(pools, stages)
    total = sum(pool.bytes for pool in pools)
    factors: dict[str, float] = {}
    for language in sorted({pool.language for pool in pools}):
        members = [pool for pool in pools if pool.language == language]
        share = math.fsum(shares[pool.name] for pool in members)
        factors[language] = share * ratio(total, sum(pool.bytes for pool in members))
    return factors


def language_sizes(pools: Iterable[Pool]) -> dict[str, int]:
    """The size of all pools of each language: tokens, or bytes before there are tokens."""
    sizes: dict[str, int] = {}
    for pool in pools:
        sizes[pool.language] = sizes.get(pool.language, 0) + pool.tokens
    return sizes


# --- from shares to samples -------------------------------------------------------------------


def _plan_stage(asked: Stage, pools: Sequence[Pool], cursors: Mapping[str, int]) -> StagePlan:
    room = _rooms(asked, pools, cursors)
    tokens, shares = requested(pools, asked, room)
    stage = asked if asked.tokens else replace(asked, tokens=tokens, budget=0, unit="tokens")
    dealt = deal(stage.samples, shares, room)
    if dealt is None:
        raise infeasible(stage, pools, shares, room)
    rows = tuple(
        _pool_share(stage, pool, shares[pool.name], dealt[pool.name], cursors[pool.name])
        for pool in pools
    )
    return StagePlan(
        name=stage.name,
        budget=stage.tokens,
        sequence_length=stage.sequence_length,
        samples=stage.samples,
        tokens=stage.samples * stage.sequence_length,
        max_epochs=asked.cap_of("", "", ""),
        shares=rows,
        settings=asked.changes(),
    )


def _rooms(stage: Stage, pools: Sequence[Pool], cursors: Mapping[str, int]) -> dict[str, int]:
    """Whole samples that the epoch caps leave of each pool."""
    length, rooms = stage.sequence_length, {}
    for pool in pools:
        cap = exact(stage.cap_of(pool.name, pool.language, pool.domain))
        whole = cap.numerator * pool.tokens // cap.denominator
        rooms[pool.name] = max(0, whole - cursors.get(pool.name, 0)) // length
    return rooms


def _pool_share(stage: Stage, pool: Pool, share: Fraction, samples: int, start: int) -> PoolShare:
    tokens, whole, unique = samples * stage.sequence_length, pool.tokens, pool.unique_tokens
    end = start + tokens
    fresh = end <= unique
    return PoolShare(
        pool=pool.name,
        language=pool.language,
        domain=pool.domain,
        requested=share.numerator / share.denominator,
        share=samples / stage.samples,
        samples=samples,
        tokens=tokens,
        epochs=tokens / whole if whole else 0.0,
        cumulative_epochs=end / whole if whole else 0.0,
        start_token=start,
        end_token=end,
        effective_tokens=float(tokens)
        if fresh
        else effective(end, unique) - effective(start, unique),
        pool_tokens=whole,
        max_epochs=stage.cap_of(pool.name, pool.language, pool.domain),
        bucket=pool.bucket,
    )
