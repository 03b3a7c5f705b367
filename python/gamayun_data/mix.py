"""The mixture: from pools and stages to exact samples, tokens and epochs, without any I/O.

A pool is the documents of one language and one domain. Shares are settled in this order:

1. A domain anchor gives its pools that share of the stage, split in proportion to their tokens.
2. A language anchor is the share of *all* pools of that language. What its pools in anchored
   domains already have counts towards it; the rest goes to its other pools, in proportion.
3. Whatever is left goes to the pools that no anchor speaks of, in proportion ("natural").

Shares become whole samples by largest remainder, so that every pool is within one sample of its
exact share and the samples of a stage sum to its budget. Each pool has one cursor, in tokens, that
goes on from stage to stage: fresh data come first and nothing is replayed before the pool is
through. The epoch cap holds for all stages so far together. A stage that cannot be met is refused
with the constraint, the amounts and the largest budget that would fit; nothing is renormalised.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gamayun_data.budget import deal, effective, largest_budget
from gamayun_data.errors import ConfigError
from gamayun_data.planned import GroupShare, Needs, Plan, Pool, PoolShare, StagePlan, ratio
from gamayun_data.recipe import Stage, exact

__all__ = [
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

JUMP: Final = 10.0
"""A share of a language that changes by more than this factor between stages is warned of."""

SHOWN: Final = 3
"""So many pools are named in a refusal, the tightest first."""


def plan(pools: Iterable[Pool], stages: Sequence[Stage], *, exact: bool) -> Plan:
    """Plan the stages over the pools, or raise `ConfigError` with the constraint that binds.

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
    return Plan(exact, ordered, tuple(planned), tuple(_lint(ordered, planned)))


def plan_from(pools: Iterable[Pool], stage: Stage, cursors: Mapping[str, int]) -> Plan:
    """Plan one more stage over counted pools, each from its cursor on; as `plan` otherwise."""
    ordered = tuple(sorted(pools, key=lambda pool: pool.name))
    planned = _plan_stage(stage, ordered, cursors)
    return Plan(exact=True, pools=ordered, stages=(planned,), warnings=())


def requested_shares(pools: Sequence[Pool], stage: Stage) -> dict[str, Fraction]:
    """The exact share of each pool in a stage, by name of pool; they sum to 1.

    The policy is anchors with natural shares for the rest; see the head of this file.
    """
    usable = [pool for pool in pools if pool.tokens > 0]
    shares = dict.fromkeys((pool.name for pool in pools), Fraction(0))
    given = Fraction(0)
    for domain, share in stage.domains.items():
        members = [pool for pool in usable if pool.domain == domain]
        _require(members, stage, f"domains.{domain}", exact(share), "domain has no tokens")
        _split(shares, members, exact(share))
        given += exact(share)
    for language, share in stage.anchors.items():
        given += _anchor_language(shares, usable, stage, language, exact(share))
    rest = 1 - given
    if rest < 0:
        raise _refusal(
            stage,
            "anchors",
            f"the anchors of languages and domains sum to {_percent(1 - rest)}, "
            f"{_percent(-rest)} above the whole",
        )
    others = [
        pool
        for pool in usable
        if pool.domain not in stage.domains and pool.language not in stage.anchors
    ]
    if rest > 0 and not others:
        raise _refusal(
            stage,
            "anchors",
            f"the anchors sum to {_percent(1 - rest)} and no pool is left for "
            f"the other {_percent(rest)}",
        )
    _split(shares, others, rest)
    return shares


def mean_shares(pools: Sequence[Pool], stages: Sequence[Stage]) -> dict[str, float]:
    """The share of each pool in all stages together, weighted by their budgets.

    Needs no token counts: pools whose `tokens` hold bytes give shares before a tokenizer exists.
    """
    total = sum(stage.tokens for stage in stages)
    means = dict.fromkeys((pool.name for pool in pools), Fraction(0))
    for stage in stages:
        for name, share in requested_shares(pools, stage).items():
            means[name] += share * stage.tokens / total
    return {name: float(share) for name, share in means.items()}


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


def _anchor_language(
    shares: dict[str, Fraction], pools: Sequence[Pool], stage: Stage, language: str, share: Fraction
) -> Fraction:
    """Give a language's pools outside the anchored domains what its anchor lacks; return that."""
    members = [pool for pool in pools if pool.language == language]
    where = f"anchors.{language}"
    _require(members, stage, where, share, "language has no tokens")
    had = sum((shares[pool.name] for pool in members), Fraction(0))
    if had > share:
        raise _refusal(
            stage,
            where,
            f"the anchor is {_percent(share)}, but the anchored domains alone give "
            f"this language {_percent(had)}, {_percent(had - share)} more",
        )
    others = [pool for pool in members if pool.domain not in stage.domains]
    if had < share and not others:
        raise _refusal(
            stage,
            where,
            f"all pools of this language lie in anchored domains, which give it "
            f"{_percent(had)}; {_percent(share - had)} of its {_percent(share)} has no pool",
        )
    _split(shares, others, share - had)
    return share - had


def _split(shares: dict[str, Fraction], pools: Sequence[Pool], share: Fraction) -> None:
    """Give the pools a share together, in proportion to their tokens."""
    total = sum(pool.tokens for pool in pools)
    for pool in pools:
        shares[pool.name] = Fraction(share.numerator * pool.tokens, share.denominator * total)


def _require(
    members: Sequence[Pool], stage: Stage, where: str, share: Fraction, complaint: str
) -> None:
    if share > 0 and not members:
        raise _refusal(stage, where, f"{_percent(share)} is asked for, but this {complaint}")


def _refusal(stage: Stage, where: str, message: str) -> ConfigError:
    return ConfigError(f"stage `{stage.name}`: {where}: {message}", parameter=where)


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.6g} %"


# --- from shares to samples -------------------------------------------------------------------


def _plan_stage(stage: Stage, pools: Sequence[Pool], cursors: Mapping[str, int]) -> StagePlan:
    shares = requested_shares(pools, stage)
    room = {pool.name: _room(stage, pool, cursors[pool.name]) for pool in pools}
    dealt = deal(stage.samples, shares, room)
    if dealt is None:
        raise _over_cap(stage, pools, shares, room)
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
        max_epochs=stage.max_epochs,
        shares=rows,
    )


def _room(stage: Stage, pool: Pool, used: int) -> int:
    """Whole samples that the epoch cap leaves of a pool."""
    left = math.floor(exact(stage.max_epochs) * pool.tokens) - used
    return max(0, left) // stage.sequence_length


def _pool_share(
    stage: Stage, pool: Pool, requested: Fraction, samples: int, start: int
) -> PoolShare:
    tokens = samples * stage.sequence_length
    end = start + tokens
    return PoolShare(
        pool=pool.name,
        language=pool.language,
        domain=pool.domain,
        requested=float(requested),
        share=samples / stage.samples,
        samples=samples,
        tokens=tokens,
        epochs=ratio(tokens, pool.tokens),
        cumulative_epochs=ratio(end, pool.tokens),
        start_token=start,
        end_token=end,
        effective_tokens=effective(end, pool.unique_tokens) - effective(start, pool.unique_tokens),
        pool_tokens=pool.tokens,
    )


def _over_cap(
    stage: Stage, pools: Sequence[Pool], shares: Mapping[str, Fraction], room: Mapping[str, int]
) -> ConfigError:
    """Say which pools pass the epoch cap, by how much, and what budget would fit."""
    length = stage.sequence_length
    over = [pool for pool in pools if stage.samples * shares[pool.name] > room[pool.name]]
    over.sort(key=lambda pool: room[pool.name] / shares[pool.name])
    tightest = "; ".join(
        f"{pool.name} needs {math.ceil(stage.samples * shares[pool.name]) * length:,} tokens and "
        f"has {room[pool.name] * length:,} left ({pool.tokens:,} x {stage.max_epochs:g}, less "
        "what earlier stages read)"
        for pool in over[:SHOWN]
    )
    more = f"; and {len(over) - SHOWN} pools more" if len(over) > SHOWN else ""
    fits = largest_budget(shares, room, stage.samples) * length
    advice = (
        f"the largest budget that keeps the shares is {fits:,} tokens"
        if fits
        else "no budget keeps the shares"
    )
    return _refusal(
        stage,
        "max_epochs",
        f"{stage.tokens:,} tokens pass the cap of {stage.max_epochs:g} epochs: "
        f"{tightest}{more}; {advice}",
    )


# --- warnings -----------------------------------------------------------------------


def _lint(pools: Sequence[Pool], stages: Sequence[StagePlan]) -> Iterable[str]:
    """Facts that a plan may have and that nobody should find out from a loss curve."""
    by_name = {pool.name: pool for pool in pools}
    for stage in stages:
        yield from _uncertain(stage, by_name)
        for share in stage.shares:
            if share.requested > 0 and share.samples == 0:
                yield (
                    f"stage `{stage.name}`: pool {share.pool} has a share of "
                    f"{100 * share.requested:.4g} %, less than one sample: nothing of it is read"
                )
    for before, after in pairwise(stages):
        yield from _jumps(before, after)
    used = {share.pool for stage in stages for share in stage.shares if share.samples}
    for pool in pools:
        if stages and pool.tokens and pool.name not in used:
            yield f"pool {pool.name} ({pool.tokens:,} tokens) is used in no stage"


def _uncertain(stage: StagePlan, pools: Mapping[str, Pool]) -> Iterable[str]:
    """Pools whose estimate, off by two standard errors, would pass the epoch cap."""
    for share in stage.shares:
        pool = pools[share.pool]
        least = pool.tokens - 2 * pool.error
        if pool.error and share.samples and share.end_token > stage.max_epochs * least:
            yield (
                f"stage `{stage.name}`: pool {pool.name} is planned for "
                f"{share.cumulative_epochs:.3g} epochs of {pool.tokens:,} ± {round(pool.error):,} "
                f"tokens: the exact plan may pass the cap of {stage.max_epochs:g}"
            )


def _jumps(before: StagePlan, after: StagePlan) -> Iterable[str]:
    earlier = {group.name: group.share for group in before.by_language()}
    for group in after.by_language():
        old, new = earlier[group.name], group.share
        if max(old, new) > JUMP * min(old, new):
            yield (
                f"language {group.name}: share goes from {100 * old:.4g} % in `{before.name}` "
                f"to {100 * new:.4g} % in `{after.name}`, more than x{JUMP:g}"
            )
