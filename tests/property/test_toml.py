"""A recipe written as TOML reads back as it was, whatever its strings hold."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gamayun_data import config
from gamayun_data.recipe import Recipe, Source, TokenizerRecipe
from gamayun_data.toml import to_toml

STRINGS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(
    STRINGS, st.lists(STRINGS, min_size=1, unique=True), st.floats(0, 1), st.integers(0, 2**63 - 1)
)
@settings(deadline=None)
def test_round_trip(name: str, specials: list[str], score: float, seed: int) -> None:
    recipe = replace(
        Recipe(),
        seed=seed,
        sources=(Source(name, ("/x",), licence=name),),
        tokenizer=TokenizerRecipe(special_tokens=tuple(specials)),
    )
    recipe = config.resolve(recipe, language_threshold={"ru": score, "*": 0.5})
    assert config.parse(to_toml(recipe)) == recipe
