"""The curves of quality keep their promises, and are those of one group at a time, done slowly."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gamayun_data.quality_curve import POINTS, STEEPEST, curves

SHAPES = (st.floats(0.0, 0.9), st.floats(0.0, 5.0), st.floats(0.1, 5.0))
SIZES = st.lists(st.integers(1, 10**9), min_size=2, max_size=20)


@given(SIZES, st.floats(0.01, 6.0), *SHAPES)
@settings(max_examples=200, deadline=None)
def test_a_curve_of_quality_keeps_its_promises(
    sizes: list[int], mean: float, cut: float, power: float, growth: float
) -> None:
    (rates,) = curves([sizes], mean, 7.0, cut=cut, power=power, growth=growth).tolist()
    assert all(rate >= 0 for rate in rates)
    assert rates[-1] <= 7 + 1e-6
    read = sum(rate * size for rate, size in zip(rates, sizes, strict=True))
    assert read == pytest.approx(mean * sum(sizes), rel=1e-6)
    # Rising, but for buckets of which a part lies below the cut.
    assert all(low <= high + 1e-6 for low, high in pairwise(rates))


def slowly(
    sizes: list[int], mean: float, repeats: float, cut: float, power: float, growth: float
) -> list[float]:
    """One group, each step written down, the steepness found by bisection."""
    cut = min(cut, 1 - mean / repeats)

    def rates(steepness: float) -> list[float]:
        raw, before = [], 0
        for size in sizes:
            start, end = before / sum(sizes), (before + size) / sum(sizes)
            before += size
            first = max(start, cut)
            points = [first - cut + (end - first) * (i + 0.5) / POINTS for i in range(POINTS)]
            heights = [
                (x ** (power * steepness)) * math.exp(growth * steepness * (x - 1))
                for x in (point / (1 - cut) for point in points)
                if end > first
            ]
            raw.append(sum(heights) / POINTS * (end - first) / (end - start))
        scale = mean * sum(sizes) / sum(r * size for r, size in zip(raw, sizes, strict=True))
        return [r * scale for r in raw]

    low, high = 0.0, STEEPEST
    if rates(high)[-1] <= repeats:
        return rates(high)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if rates(middle)[-1] < repeats else (low, middle)
    return rates(low)


@given(
    st.integers(2, 7).flatmap(
        lambda buckets: st.lists(
            st.lists(st.integers(1, 10**9), min_size=buckets, max_size=buckets),
            min_size=1,
            max_size=6,
        )
    ),
    st.floats(0.01, 3.0),
    st.lists(st.floats(3.01, 9.0), min_size=6, max_size=6),
    *SHAPES,
)
@settings(max_examples=100, deadline=None)
def test_curves_are_those_of_each_group_done_slowly(
    groups: list[list[int]],
    mean: float,
    caps: list[float],
    cut: float,
    power: float,
    growth: float,
) -> None:
    caps = caps[: len(groups)]
    found = curves(groups, mean, caps, cut=cut, power=power, growth=growth)
    for row, sizes, cap in zip(found.tolist(), groups, caps, strict=True):
        (alone,) = curves([sizes], mean, cap, cut=cut, power=power, growth=growth).tolist()
        assert row == alone
        assert row == pytest.approx(slowly(sizes, mean, cap, cut, power, growth), abs=1e-6)
