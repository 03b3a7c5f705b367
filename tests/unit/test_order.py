"""The order in numpy and in Rust is that of `tests/golden/order/cases.toml`, made from the page."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gamayun_data import order

GOLDEN = Path(__file__).parents[1] / "golden" / "order" / "cases.toml"
CASES = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["permutation"], ids=lambda case: str(case["n"]))
def test_permutations_are_those_of_the_page(case: dict[str, Any]) -> None:
    found = order.permutation(case["n"], int(case["key"])).tolist()
    assert found[: len(case["first"])] == case["first"]
    assert sorted(found) == list(range(case["n"]))


@pytest.mark.parametrize("case", CASES["stream"], ids=lambda case: case["pool"])
def test_places_are_those_of_the_page(case: dict[str, Any]) -> None:
    for token, epoch, place in case["places"]:
        arguments = (int(case["seed"]), case["pool"], case["tokens"], epoch)
        found = order.places_in_epoch(*arguments, np.array([place]))
        assert found.tolist() == [token - epoch * case["tokens"]]


@pytest.mark.parametrize("tokens", [0, 5000, 40_960, 100_000, 1 << 22])
@pytest.mark.parametrize("epoch", [1, 2])
def test_rust_permutes_the_same_pieces(tokens: int, epoch: int) -> None:
    core = pytest.importorskip("gamayun_data._core")
    pieces, piece = core.epoch_pieces("ru-web", 3, tokens, epoch)
    assert piece == order.piece_tokens(tokens)
    expected = order.permutation(tokens // piece, order.epoch_key(3, "ru-web", epoch))
    assert pieces.tolist() == expected.tolist()
