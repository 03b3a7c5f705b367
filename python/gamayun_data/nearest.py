"""What comes nearest to a stage that the epoch caps do not allow, and the error that tells it.

Two plans are near: the same shares with a smaller budget, the largest that fits; and the same
budget with other shares, of which the sum of all changes (L1) is the smallest there is. The second
takes from each pool what is above its room, and gives that to pools that were asked for something
and have room: to those of the same language first, in proportion to what they were asked for.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gamayun_data.budget import largest_budget
from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gamayun_data.planned import Pool
    from gamayun_data.recipe import Stage

SHOWN: Final = 3
"""So many pools are named in a refusal, the tightest first."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A pool that would be read beyond its cap: what it was asked for and has left, in tokens."""

    pool: str
    asked_tokens: int
    left_tokens: int
    max_epochs: float


@dataclass(frozen=True, slots=True)
class Moved:
    """A pool whose share changes."""

    pool: str
    asked: float
    share: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest feasible plans: `tokens` at the same shares, `shares` at the same budget.

    `change` is the sum of the changes of all shares, up and down; `None`, and no `shares`, where
    not even that is feasible. `tokens` is 0 where no budget keeps the shares.
    """

    stage: str
    asked_tokens: int
    binding: tuple[Binding, ...]
    tokens: int
    change: float | None
    shares: tuple[Moved, ...]


class InfeasibleError(ConfigError):
    """A stage that passes its epoch caps; `nearest` holds what could be done instead."""

    def __init__(self, message: str, nearest: Nearest) -> None:
        """Keep the message and the nearest plans."""
        super().__init__(message, parameter="max_epochs")
        self.nearest = nearest


def infeasible(
    stage: Stage,
    pools: Sequence[Pool],
    shares: Mapping[str, Fraction],
    room: Mapping[str, int],
) -> InfeasibleError:
    """Say which pools pass the epoch cap, by how much, and what would fit instead."""
    length, samples = stage.sequence_length, stage.samples
    over = [pool for pool in pools if samples * shares[pool.name] > room[pool.name]]
    over.sort(key=lambda pool: room[pool.name] / shares[pool.name])
    languages = {pool.name: pool.language for pool in pools}
    closest = closest_shares(samples, shares, room, languages)
    found = Nearest(
        stage=stage.name,
        asked_tokens=stage.tokens,
        binding=tuple(
            Binding(
                pool.name,
                math.ceil(samples * shares[pool.name]) * length,
                room[pool.name] * length,
                stage.cap_of(pool.name, pool.language, pool.domain),
            )
            for pool in over
        ),
        tokens=largest_budget(shares, room, samples) * length,
        change=None if closest is None else _change(shares, closest),
        shares=() if closest is None else _moved(shares, closest),
    )
    sizes = {pool.name: pool.tokens for pool in pools}
    return InfeasibleError(_told(found, sizes), found)


def closest_shares(
    samples: int,
    shares: Mapping[str, Fraction],
    room: Mapping[str, int],
    languages: Mapping[str, str],
) -> dict[str, Fraction] | None:
    """The feasible shares with the smallest L1 distance to these; `None` if there are none.

    Only pools that have a share take part. `room` is in whole samples.
    """
    asked = {name: samples * share for name, share in shares.items() if share}
    if sum(room[name] for name in asked) < samples:
        return None
    given = {name: min(want, Fraction(room[name])) for name, want in asked.items()}
    members: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(asked):
        members[languages[name]].append(name)
    for names in members.values():
        lost = sum((asked[name] - given[name] for name in names), Fraction())
        _pour(given, names, lost, asked, room)
    _pour(given, sorted(asked), samples - sum(given.values(), Fraction()), asked, room)
    return {name: given.get(name, Fraction()) / samples for name in shares}


def _pour(
    given: dict[str, Fraction],
    names: Sequence[str],
    amount: Fraction,
    asked: Mapping[str, Fraction],
    room: Mapping[str, int],
) -> None:
    """Give as much of the amount as there is room for, in proportion to what was asked."""
    spare = {name: room[name] - given[name] for name in names if room[name] > given[name]}
    left, weight = amount, sum((asked[name] for name in spare), Fraction())
    for name in sorted(spare, key=lambda name: (spare[name] / asked[name], name)):
        more = min(spare[name], left * asked[name] / weight)
        given[name] += more
        left -= more
        weight -= asked[name]


def _change(shares: Mapping[str, Fraction], closest: Mapping[str, Fraction]) -> float:
    return float(sum((abs(closest[name] - shares[name]) for name in shares), Fraction()))


def _moved(shares: Mapping[str, Fraction], closest: Mapping[str, Fraction]) -> tuple[Moved, ...]:
    """The pools whose share changes, those that change most first."""
    names = [name for name in shares if closest[name] != shares[name]]
    names.sort(key=lambda name: (-abs(closest[name] - shares[name]), name))
    return tuple(Moved(name, float(shares[name]), float(closest[name])) for name in names)


def _told(found: Nearest, sizes: Mapping[str, int]) -> str:
    tightest = "; ".join(
        f"{one.pool} needs {one.asked_tokens:,} tokens and has {one.left_tokens:,} left "
        f"({sizes[one.pool]:,} x {one.max_epochs:g}, less what earlier stages read)"
        for one in found.binding[:SHOWN]
    )
    hidden = len(found.binding) - SHOWN
    more = f"; and {hidden} pools more" if hidden > 0 else ""
    caps = {one.max_epochs for one in found.binding}
    cap = f"the cap of {min(caps):g} epochs" if len(caps) == 1 else "their caps"
    fits = (
        f"the largest budget that keeps the shares is {found.tokens:,} tokens"
        if found.tokens
        else "no budget keeps the shares"
    )
    return (
        f"stage `{found.stage}`: max_epochs: {found.asked_tokens:,} tokens pass {cap}: "
        f"{tightest}{more}; {fits}; {_told_change(found)}"
    )


def _told_change(found: Nearest) -> str:
    if found.change is None:
        return "no shares of these pools make this budget"
    moves = ", ".join(
        f"{one.pool} {100 * one.asked:.4g} % to {100 * one.share:.4g} %"
        for one in found.shares[: 2 * SHOWN]
    )
    more = " ..." if len(found.shares) > 2 * SHOWN else ""
    return (
        f"the smallest change of shares that keeps the budget is {100 * found.change:.4g} % "
        f"in all: {moves}{more}"
    )
