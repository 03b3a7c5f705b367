"""Weightings and targets as users write them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from gamayun_data import mix, recipe, training
from gamayun_data.config import parse
from gamayun_data.errors import ConfigError
from gamayun_data.fairness import temperature_weights
from gamayun_data.targets import SHIPPED, read_targets, targets_for
from gamayun_data.weighting import Weighting, parse_weighting

if TYPE_CHECKING:
    from pathlib import Path

SIZES = {"en": 900, "ru": 100}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("natural", Weighting("natural")),
        ("equal", Weighting("equal", math.inf)),
        ("T=1.5", Weighting("T=1.5", 1.5)),
        ("parity", Weighting("parity", parity=True)),
        ("window", Weighting("window", parity=True, window=100)),
        ("window=7", Weighting("window=7", parity=True, window=7)),
        ("hybrid=32k", Weighting("hybrid=32k", parity=True, hybrid=32_000)),
        (" T=2+ru=3 ", Weighting("T=2+ru=3", 2.0, {"ru": 3.0})),
        (
            "equal+hybrid=10+window",
            Weighting("equal+hybrid=10+window", math.inf, {}, parity=True, hybrid=10, window=100),
        ),
    ],
)
def test_what_is_read(text: str, expected: Weighting) -> None:
    assert parse_weighting(text) == expected


@pytest.mark.parametrize(
    "text", ["", "foo", "T", "T=", "T=x", "hybrid", "hybrid=x", "ru=-1", "ru=nan", "=2"]
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_weighting(text)
    with pytest.raises(ConfigError, match="from 1 on"):
        parse_weighting("T=0.5")


def test_weights() -> None:
    assert parse_weighting("natural").weights(SIZES) == {}
    assert parse_weighting("parity").weights(SIZES) == {}
    assert parse_weighting("T=2").weights(SIZES) == temperature_weights(SIZES, 2)
    weighted = parse_weighting("equal+ru=2").weights(SIZES)
    assert weighted == {"en": pytest.approx(5 / 9), "ru": pytest.approx(10)}
    with pytest.raises(ConfigError, match="nothing was counted in xx"):
        parse_weighting("xx=2").weights(SIZES)


def test_a_run_is_weighted_by_what_is_read_of_it() -> None:
    pools = [
        mix.Pool("en-web", "en", "web", 1, 600, 1),
        mix.Pool("en-books", "en", "books", 1, 300, 1),
        mix.Pool("ru-web", "ru", "web", 1, 100, 1),
    ]

    def weights(value: str) -> dict[str, float]:
        return training.weights(parse(f"version = 1\n[tokenizer]\nweights = {value}"), pools)

    assert weights('"natural"') == {}
    assert weights('"stages"') == {}
    assert weights('"T=2"') == temperature_weights(SIZES, 2)
    assert weights('"equal"') == temperature_weights(SIZES, math.inf)
    assert weights("{ ru = 2.0 }") == {"ru": 2.0}


def test_shipped_targets_cover_the_twelve() -> None:
    shipped = read_targets(SHIPPED)
    assert set(recipe.Recipe().languages) <= set(shipped)
    assert shipped["en"] == 1
    assert targets_for(["ru"]) == {"ru": shipped["ru"]}
    assert targets_for(["en", "code"]) == {"en": 1}
    with pytest.raises(ConfigError, match="nothing is said of eo, xx"):
        targets_for(["eo", "xx"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("en = 0", "en: expected a number from 0.001 to 1000, found 0"),
        ("en = true", "found True"),
        ('en = "1"', "found '1'"),
        ("en = nan", "found nan"),
        ("en", "targets.toml: Expected '='"),
    ],
)
def test_bad_targets_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "targets.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        read_targets(path)
