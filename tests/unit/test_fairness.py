"""Sums of fairness: each against its definition, and the weights that change it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamayun_data.errors import ConfigError
from gamayun_data.fairness import gini, premiums, spread, temperature_weights

costs = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=30)
sizes = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.integers(1, 10**15), min_size=1, max_size=12
)


@given(costs.filter(any))
def test_gini_is_its_double_sum(values: list[float]) -> None:
    mean = math.fsum(values) / len(values)
    apart = math.fsum(abs(a - b) for a in values for b in values)
    assert gini(values) == pytest.approx(apart / (2 * len(values) ** 2 * mean), abs=1e-12)


@given(costs.filter(any), st.floats(0.01, 100))
def test_gini_knows_no_unit_and_no_order(values: list[float], factor: float) -> None:
    scaled = [value * factor for value in reversed(values)]
    assert gini(scaled) == pytest.approx(gini(values), abs=1e-9)
    assert 0 <= gini(values) <= (len(values) - 1) / len(values) + 1e-12


def test_gini_of_nothing() -> None:
    assert math.isnan(gini([]))
    assert math.isnan(gini([0.0, 0.0]))
    for values in ([1.0, -1.0], [1.0, math.inf], [math.nan]):
        with pytest.raises(ConfigError, match="finite numbers from 0"):
            gini(values)


def test_spread() -> None:
    assert spread([1.0, 4.0, 2.0]) == 4
    assert math.isnan(spread([]))
    assert math.isnan(spread([0.0, 1.0]))


def test_premiums_need_their_reference() -> None:
    assert premiums({"en": 2.0, "ru": 3.0}, "en") == {"en": 1.0, "ru": 1.5}
    for given_costs in ({"ru": 1.0}, {"en": 0.0, "ru": 1.0}):
        with pytest.raises(ConfigError, match="no cost of 'en'"):
            premiums(given_costs, "en")


@given(sizes, st.floats(1, 50) | st.just(math.inf))
def test_temperature_gives_each_language_its_power(
    by_language: dict[str, int], temperature: float
) -> None:
    factors = temperature_weights(by_language, temperature)
    weighted = {name: factors[name] * size for name, size in by_language.items()}
    assert math.fsum(weighted.values()) == pytest.approx(sum(by_language.values()))
    powers = {name: math.exp(math.log(size) / temperature) for name, size in by_language.items()}
    total = math.fsum(powers.values())
    for name, power in powers.items():
        share = weighted[name] / math.fsum(weighted.values())
        assert share == pytest.approx(power / total, rel=1e-6)


def test_temperature_one_is_natural_and_a_language_without_text_is_left_alone() -> None:
    assert temperature_weights({"en": 3, "ru": 7, "xx": 0}, 1) == {"en": 1, "ru": 1, "xx": 1}
    assert temperature_weights({"xx": 0}, 3) == {"xx": 1}
    assert temperature_weights({}, 3) == {}


@pytest.mark.parametrize("temperature", [0.5, 0, -1, math.nan])
def test_temperature_below_one_is_refused(temperature: float) -> None:
    with pytest.raises(ConfigError, match="from 1 on"):
        temperature_weights({"en": 1}, temperature)
