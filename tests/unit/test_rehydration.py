"""Weights of rehydration: FineWeb2's published ones, the slow twin, and what must always hold."""

from __future__ import annotations

import gzip
import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamayun_data.errors import ConfigError
from gamayun_data.rehydration import FIXED_WEIGHTS, rehydration_weights, weight_of

GOLDEN = Path(__file__).parents[1] / "golden" / "rehydration.json.gz"
CASES: list[dict[str, Any]] = json.loads(gzip.decompress(GOLDEN.read_bytes()))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["language"]))
def test_weights_are_those_that_fineweb2_published(case: dict[str, Any]) -> None:
    assert set(case["weights"]) == {str(repeats) for repeats in range(3, 11)}
    for repeats, wanted in case["weights"].items():
        found = rehydration_weights(
            case["sizes"],
            case["rates"],
            global_rate=case["global_rate"],
            max_repeats=int(repeats),
        )
        assert found == {int(size): weight for size, weight in wanted.items()}, repeats


def test_enough_languages_are_compared() -> None:
    languages = {case["language"] for case in CASES}
    assert len(languages) == len(CASES) >= 60
    assert {"rus_Cyrl", "cmn_Hani", "jpn_Jpan", "deu_Latn"} <= languages


def twin(rates: list[int], whole: int, most: int) -> list[Fraction]:
    """Weights before rounding, one size at a time, in exact numbers."""
    lowest = min(rates)
    raw = [
        1 + (most - 1) * Fraction(rate - whole, lowest - whole) if rate < whole else Fraction(1)
        for rate in rates
    ]
    last = len(raw) - 1
    return [
        sum(raw[place - 2 : place + 3], Fraction(0)) / 5 if 2 <= place <= last - 2 else raw[place]
        for place in range(len(raw))
    ]


RATES = st.lists(st.integers(0, 100), min_size=1, max_size=40)


@given(RATES, st.integers(0, 100), st.integers(1, 12))
def test_weights_are_those_of_the_twin(rates: list[int], whole: int, most: int) -> None:
    sizes = [1 + 2 * place for place in range(len(rates))]
    weights = rehydration_weights(sizes, rates, global_rate=whole, max_repeats=most)
    for size, exact in zip(sizes, twin(rates, whole, most), strict=True):
        # A half may round to either side in floating point; all else is decided.
        assert abs(weight_of(weights, size) - exact) <= Fraction(1, 2) + Fraction(1, 10**9)
        assert weight_of(weights, size + 1) == weight_of(weights, size)


@given(RATES, st.integers(0, 100), st.integers(1, 12))
def test_weights_stay_in_their_bounds(rates: list[int], whole: int, most: int) -> None:
    sizes = list(range(1, len(rates) + 1))
    weights = rehydration_weights(sizes, rates, global_rate=whole, max_repeats=most)
    assert list(weights) == sorted(weights)
    assert next(iter(weights)) == 1
    assert all(1 <= weight <= most for weight in weights.values())
    listed = list(weights.values())
    assert all(one != other for one, other in pairwise(listed))
    if rates[0] >= whole:
        assert weights[1] == 1
    if min(rates) >= whole:
        assert weights == {1: 1}


def test_the_unit_of_the_rates_does_not_matter() -> None:
    case = next(case for case in CASES if case["language"] == "rus_Cyrl")
    percent = rehydration_weights(
        case["sizes"], case["rates"], global_rate=case["global_rate"], max_repeats=10
    )
    shares = [rate / 128 for rate in case["rates"]]  # exact in binary
    assert percent == rehydration_weights(
        case["sizes"], shares, global_rate=case["global_rate"] / 128, max_repeats=10
    )


def test_the_fixed_weights_are_those_of_the_first_recipe() -> None:
    wanted = {1: 1, 2: 2, 3: 3, 4: 3, 5: 5, 99: 5, 100: 8, 999: 8, 1000: 1, 10**6: 1}
    assert {size: weight_of(FIXED_WEIGHTS, size) for size in wanted} == wanted


@pytest.mark.parametrize(
    ("sizes", "rates", "whole", "most", "named"),
    [
        ([], [], 0.5, 3, "cluster_sizes"),
        ([2, 1], [0.1, 0.2], 0.5, 3, "cluster_sizes"),
        ([0, 1], [0.1, 0.2], 0.5, 3, "cluster_sizes"),
        ([1, 2], [0.1], 0.5, 3, "removal_rates"),
        ([1, 2], [0.1, float("nan")], 0.5, 3, "removal_rates"),
        ([1, 2], [0.1, -0.2], 0.5, 3, "removal_rates"),
        ([1], [0.1], float("inf"), 3, "global_rate"),
        ([1], [0.1], 0.5, 0, "max_repeats"),
        ([1], [0.1], 0.5, 1001, "max_repeats"),
    ],
)
def test_what_makes_no_sense_is_refused(
    sizes: list[int], rates: list[float], whole: float, most: int, named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        rehydration_weights(sizes, rates, global_rate=whole, max_repeats=most)
