"""Budgets: shares become whole samples, within the room that the epoch caps leave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

REPEAT_DECAY: Final = 15.0
"""R* of the data-constrained scaling law (Muennighoff et al. 2023, arXiv 2305.16264)."""


def deal(
    samples: int, shares: Mapping[str, Fraction], room: Mapping[str, int]
) -> dict[str, int] | None:
    """Deal whole samples by largest remainder, never more to a pool than it has room for.

    Ties go by name. `None` when a pool's whole part alone is above its room, or when the
    remainders cannot be placed. Each pool is within one sample of `samples * share`.
    """
    dealt: dict[str, int] = {}
    remainders: list[tuple[float, str]] = []
    for name in sorted(shares):
        share = shares[name]
        whole, rest = divmod(samples * share.numerator, share.denominator)
        dealt[name] = whole
        if whole > room[name]:
            return None
        if rest and whole < room[name]:
            # Division of two ints is correctly rounded, so the order is the same everywhere.
            remainders.append((-(rest / share.denominator), name))
    left = samples - sum(dealt.values())
    if left > len(remainders):
        return None
    for _, name in sorted(remainders)[:left]:
        dealt[name] += 1
    return dealt


def largest_budget(shares: Mapping[str, Fraction], room: Mapping[str, int], samples: int) -> int:
    """The most samples, below `samples`, that can be dealt within the room of every pool."""
    # Quotas that do not pass the room can always be dealt: they round to the room at most.
    low = min(
        (math.floor(room[name] / share) for name, share in shares.items() if share), default=0
    )
    high = samples
    while low + 1 < high:
        middle = (low + high) // 2
        if deal(middle, shares, room) is None:
            high = middle
        else:
            low = middle
    return low


def effective(used: int, unique: int) -> float:
    """Tokens of fresh data that `used` tokens of a pool with `unique` ones are worth.

    D_eff = U + U R* (1 - exp(-R / R*)), R the repeats after the first epoch (Muennighoff et al.).
    Where documents are repeated unequally `unique` is of all, as if they shared the repeats.

    >>> effective(500, 1000), round(effective(4000, 1000))
    (500.0, 3719)
    """
    if used <= unique or unique == 0:
        return float(used)
    repeats = used / unique - 1
    return unique + unique * REPEAT_DECAY * -math.expm1(-repeats / REPEAT_DECAY)
