"""The shares of a stage: what each pool is asked for, by anchors first and the policy for the rest.

1. A domain anchor gives its pools that share of the stage.
2. A language anchor is the share of *all* pools of that language. What its pools in anchored
   domains already have counts towards it; the rest goes to its other pools.
3. Whatever is left goes to the pools that no anchor speaks of.

Among the pools of one such group the policy of the stage decides (`policies`); unless another is
named each gets a share in proportion to its size. All of this happens in the unit of the stage;
shares in bytes or in content become shares of tokens at the end, by what a token of each pool has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from gamayun_data.errors import ConfigError
from gamayun_data.policies import SCALE, Member, weight_sum
from gamayun_data.recipe import Stage, exact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from gamayun_data.planned import Pool


@dataclass(frozen=True, slots=True)
class Measured:
    """Pools in the unit of a stage: those that hold anything, and the names of all."""

    members: tuple[Member, ...]
    names: tuple[str, ...]

    @staticmethod
    def of(pools: Sequence[Pool], stage: Stage, room: Mapping[str, int]) -> Measured:
        """Measure pools whose tokens are known; `room` is in tokens."""
        names = tuple(pool.name for pool in pools)
        if stage.unit == "tokens":
            held = [_member(pool, pool.tokens, room[pool.name]) for pool in pools if pool.tokens]
            return Measured(tuple(held), names)
        held = [
            _member(pool, size, room[pool.name] * size // pool.tokens)
            for pool in pools
            if pool.tokens and (size := _size(pool.bytes, pool, stage))
        ]
        return Measured(tuple(held), names)

    @staticmethod
    def in_bytes(pools: Sequence[Pool], stage: Stage, used: Mapping[str, Fraction]) -> Measured:
        """Measure pools whose `tokens` hold bytes, of which earlier stages `used` some."""
        members = []
        for pool in pools:
            if size := _size(pool.tokens, pool, stage):
                cap = exact(stage.cap_of(pool.name, pool.language, pool.domain))
                members.append(
                    _member(pool, size, max(0, int(cap * size - used[pool.name] * grain(stage))))
                )
        return Measured(tuple(members), tuple(pool.name for pool in pools))


def _member(pool: Pool, size: int, room: int) -> Member:
    return Member(pool.name, pool.language, pool.domain, pool.bucket, size, room)


def _size(plain: int, pool: Pool, stage: Stage) -> int:
    """A size in the unit of the stage, in parts of `grain`: content is bytes times a factor."""
    if stage.unit != "content":
        return plain
    factor = exact(stage.content_per_byte.get(pool.language, 1.0))
    return plain * factor.numerator * (grain(stage) // factor.denominator)


def grain(stage: Stage) -> int:
    """Into how many parts the unit of a stage is cut, so that every size is a whole number."""
    if stage.unit != "content":
        return 1
    return math.lcm(*(exact(factor).denominator for factor in stage.content_per_byte.values()))


def requested(
    pools: Sequence[Pool], stage: Stage, room: Mapping[str, int]
) -> tuple[int, dict[str, Fraction]]:
    """The budget in tokens, and the exact share of its tokens that each pool is asked for.

    `room` is what the epoch caps leave of each pool, in whole samples. The shares sum to 1.
    """
    length = stage.sequence_length
    left = {name: samples * length for name, samples in room.items()}
    measured = Measured.of(pools, stage, left)
    amount = Fraction((stage.budget or stage.samples * length) * grain(stage))
    shares = settled(measured, stage, amount)
    if stage.unit == "tokens":
        return stage.tokens or stage.budget, shares
    return _in_tokens(pools, stage, measured, shares)


def _in_tokens(
    pools: Sequence[Pool], stage: Stage, measured: Measured, shares: Mapping[str, Fraction]
) -> tuple[int, dict[str, Fraction]]:
    """Turn shares of bytes or content into shares of tokens, on a grid of 2^-96."""
    tokens = {pool.name: pool.tokens for pool in pools}
    each = dict.fromkeys(shares, 0)
    for one in measured.members:
        share = shares[one.name]
        each[one.name] = (
            share.numerator * tokens[one.name] * SCALE // (share.denominator * one.size)
        )
    total = sum(each.values())
    budget = stage.tokens or stage.budget * grain(stage) * total // SCALE
    if budget < stage.sequence_length:
        _refuse(stage, "budget", f"{stage.budget:,} of {stage.unit} are less than one sample")
    return budget, {name: Fraction(part, total) for name, part in each.items()}


def settled(measured: Measured, stage: Stage, amount: Fraction) -> dict[str, Fraction]:
    """The share of each pool in the unit of the stage, of which it takes `amount` in all."""
    shares = dict.fromkeys(measured.names, Fraction(0))
    if not stage.policy.entry().has_anchors:
        _settle_all(shares, measured, stage, amount)
        return shares
    members, given = measured.members, Fraction(0)
    for domain, share in stage.domains.items():
        mine = [one for one in members if one.domain == domain]
        _require(mine, stage, f"domains.{domain}", exact(share), "domain has no tokens")
        _split(shares, mine, stage, exact(share), amount)
        given += exact(share)
    for language in stage.anchors:
        given += _anchor_language(shares, members, stage, language, amount)
    rest = 1 - given
    if rest < 0:
        _refuse(
            stage,
            "anchors",
            f"the anchors of languages and domains sum to {_percent(1 - rest)}, "
            f"{_percent(-rest)} above the whole",
        )
    others = [
        one
        for one in members
        if one.domain not in stage.domains and one.language not in stage.anchors
    ]
    if rest > 0 and not others:
        _refuse(
            stage,
            "anchors",
            f"the anchors sum to {_percent(1 - rest)} and no pool is left for "
            f"the other {_percent(rest)}",
        )
    _split(shares, others, stage, rest, amount)
    return shares


def _anchor_language(
    shares: dict[str, Fraction],
    members: Sequence[Member],
    stage: Stage,
    language: str,
    amount: Fraction,
) -> Fraction:
    """Give a language's pools outside the anchored domains what its anchor lacks; return that."""
    share = exact(stage.anchors[language])
    mine = [one for one in members if one.language == language]
    where = f"anchors.{language}"
    _require(mine, stage, where, share, "language has no tokens")
    had = sum((shares[one.name] for one in mine), Fraction(0))
    if had > share:
        _refuse(
            stage,
            where,
            f"the anchor is {_percent(share)}, but the anchored domains alone give "
            f"this language {_percent(had)}, {_percent(had - share)} more",
        )
    others = [one for one in mine if one.domain not in stage.domains]
    if had < share and not others:
        _refuse(
            stage,
            where,
            f"all pools of this language lie in anchored domains, which give it "
            f"{_percent(had)}; {_percent(share - had)} of its {_percent(share)} has no pool",
        )
    _split(shares, others, stage, share - had, amount)
    return share - had


def _split(
    shares: dict[str, Fraction],
    members: Sequence[Member],
    stage: Stage,
    share: Fraction,
    amount: Fraction,
) -> None:
    """Give a group a share together, split by the policy; by size where that gives nobody any."""
    if not members or not share:
        return
    try:
        weights = stage.policy.split(members, share * amount)
    except ConfigError as error:
        among = f" ({len(members)} pools from {members[0].name} on)"
        _refuse(stage, error.parameter or "policy", f"{error}{among}")
    if not any(weights):
        weights = [one.size for one in members]
    part, whole = share.numerator, share.denominator * sum(weights)
    for one, weight in zip(members, weights, strict=True):
        shares[one.name] = Fraction(part * weight, whole)


def _settle_all(
    shares: dict[str, Fraction], measured: Measured, stage: Stage, amount: Fraction
) -> None:
    """Let a policy settle every share: weights that are written down must sum to 1."""
    policy = stage.policy
    held = {one.name for one in measured.members}
    given = {name for name, weight in policy.parameters["weights"].items() if weight}
    if not policy.parameters.get("normalise", False):
        where = "policy.weights"
        if lacking := sorted(given - held):
            names = ", ".join(lacking[:SHOWN]) + " ..." * (len(lacking) > SHOWN)
            _refuse(stage, where, f"no pool with tokens is named {names}")
        total = weight_sum(policy)
        if total is not None and total != 1:
            _refuse(
                stage, where, f"the weights sum to {_percent(total)}; `normalise = true` allows it"
            )
    elif not given & held:
        _refuse(stage, "policy.weights", "none of the pools that have a weight has tokens")
    _split(shares, measured.members, stage, Fraction(1), amount)


SHOWN = 3


def _require(
    members: Sequence[Member], stage: Stage, where: str, share: Fraction, complaint: str
) -> None:
    if share > 0 and not members:
        _refuse(stage, where, f"{_percent(share)} is asked for, but this {complaint}")


def _refuse(stage: Stage, where: str, message: str) -> NoReturn:
    raise ConfigError(f"stage `{stage.name}`: {where}: {message}", parameter=where)


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.6g} %"
