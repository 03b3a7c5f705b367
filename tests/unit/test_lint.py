"""What the lint says of published recipes, and of small ones that have each defect."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from gamayun_data import cli, config, lint, mix
from gamayun_data.errors import ConfigError
from gamayun_data.policies import Policy
from gamayun_data.recipe import Stage

GOLDEN = Path(__file__).parents[1] / "golden" / "mixtures"
EXPECTED = tomllib.loads((GOLDEN / "expected.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_the_defects_of_published_recipes_are_found(name: str) -> None:
    found = lint.of_stages(config.load(GOLDEN / f"{name}.toml").stages)
    assert [[one.code, one.stage, one.subject] for one in found] == EXPECTED[name]["findings"]
    told = "\n".join(map(str, found))
    for message in EXPECTED[name]["messages"]:
        assert message in told


def test_a_published_recipe_plans_only_when_it_says_that_it_is_normalised() -> None:
    stages = config.load(GOLDEN / "nemotron3_ultra.toml").stages
    weights = stages[0].policy.parameters["weights"]
    pools = [mix.Pool(name, "en", name, 9, 10**13, 4 * 10**13) for name in weights]
    shares = mix.requested_shares(pools, stages[0])
    assert float(shares["finepdfs"]) == pytest.approx(0.049 / 0.808)
    strict = Stage("s", 10**6, policy=Policy("weights", {"weights": weights}))
    with pytest.raises(ConfigError, match=r"the weights sum to 80\.8 %"):
        mix.requested_shares(pools, strict)


def weighted(name: str, **weights: float) -> Stage:
    parameters = {"weights": {f"{key}-web": one for key, one in weights.items()}}
    return Stage(name, 1000, 10, policy=Policy("weights", {**parameters, "normalise": True}))


def codes(found: list[mix.Finding]) -> list[tuple[str, str, str]]:
    return [(one.code, one.stage, one.subject) for one in found]


def test_written_shares_that_jump_are_found_by_pool_language_and_domain() -> None:
    stages = [
        Stage("a", 1000, 10, {"en": 0.5, "ru": 0.2}, {"code": 0.01}),
        Stage("b", 1000, 10, {"en": 0.04, "ru": 0.1}, {"code": 0.11}),
    ]
    assert codes(lint.of_stages(stages)) == [
        ("share-jump", "b", "en"),
        ("share-jump", "b", "code"),
    ]
    found = lint.of_stages([weighted("a", en=0.9, ru=0.1), weighted("b", en=1.0, ru=0.0)])
    assert codes(found) == [("share-jump", "b", "ru-web")]
    assert "to or from nothing" in found[0].message
    assert codes(lint.of_stages([weighted("a", en=0.9, ru=0.1), weighted("b", en=1.0)])) == [
        ("left-out", "b", "ru-web"),
    ]


def test_weights_without_a_pool_are_found_with_what_the_others_grow_by() -> None:
    pools = [mix.Pool("en-web", "en", "web", 9, 10**6, 10**6)]
    plan = mix.plan(pools, [weighted("a", en=0.8, ru=0.2)], exact=True)
    assert codes(list(plan.warnings)) == [
        ("missing-pool", "a", "ru-web"),
        ("renormalised", "a", "policy.weights"),
    ]
    assert "1 weights have no pool, so every share is x1.25" in plan.warnings[1].message


def test_caps_and_languages_without_a_pool_are_found() -> None:
    pools = [mix.Pool("en-web", "en", "web", 9, 10**6, 10**6)]
    stage = Stage("s", 1000, 10, max_epochs={"*": 4.0, "web": 2.0, "fr": 1.0})
    plan = mix.plan(pools, [stage], exact=True)
    assert codes(list(plan.warnings)) == [("missing-pool", "s", "fr")]
    assert codes(list(lint.without_pool(pools, ["en", "xx"]))) == [("missing-pool", "", "xx")]


def test_every_code_that_is_given_is_explained() -> None:
    source = Path(lint.__file__).read_text(encoding="utf-8")
    page = (GOLDEN.parents[2] / "docs" / "plan.md").read_text(encoding="utf-8")
    for code in lint.CODES:
        assert f"| `{code}` |" in page
        assert source.count(f'"{code}"') >= 2, code


def test_strict_lists_every_finding() -> None:
    found = lint.of_stages([weighted("a", en=0.8), weighted("b", en=0.7, ru=0.2)])
    with pytest.raises(ConfigError) as caught:
        lint.refuse(found)
    assert str(caught.value).startswith(f"{len(found)} findings")
    assert str(caught.value).count("(weights-sum)") == 2
    lint.refuse([])


def test_the_command_that_checks_a_recipe_lints_it() -> None:
    recipe = str(GOLDEN / "smollm3.toml")
    plain = CliRunner().invoke(cli.cli, ["recipe", "check", recipe])
    assert plain.exit_code == 0
    assert "the weights sum to 1.00565" in plain.stderr
    strict = CliRunner().invoke(cli.cli, ["recipe", "check", recipe, "--strict"])
    assert strict.exit_code == 2
    assert "findings, and `strict` allows none" in strict.stderr
