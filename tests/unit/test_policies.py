"""Policies on cases worked out by hand, and what the recipe may say of them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gamayun_data import config, mix, policies
from gamayun_data.errors import ConfigError
from gamayun_data.nearest import InfeasibleError
from gamayun_data.policies import Policy
from gamayun_data.quality_curve import curves
from gamayun_data.recipe import Stage
from gamayun_data.toml import to_toml

GOLDEN = Path(__file__).parents[1] / "golden" / "mixtures"
UNIMAX = tomllib.loads((GOLDEN / "unimax.toml").read_text(encoding="utf-8"))["cases"]


def pool(name: str, tokens: int, bucket: int | None = None, size: int | None = None) -> mix.Pool:
    language, domain = name.split("-")[:2]
    return mix.Pool(name, language, domain, 9, tokens, size or 4 * tokens, bucket=bucket)


def shares(stage: Stage, pools: list[mix.Pool]) -> dict[str, float]:
    return {name: float(share) for name, share in mix.requested_shares(pools, stage).items()}


@pytest.mark.parametrize("case", UNIMAX, ids=lambda case: str(case["name"]))
def test_unimax_is_that_of_the_paper(case: dict[str, Any]) -> None:
    pools = [pool(f"{name}-web", tokens) for name, tokens in case["sizes"].items()]
    stage = Stage("s", case["budget"], 1, policy=Policy("unimax"), max_epochs=case["epochs"])
    if "given" not in case:
        with pytest.raises(ConfigError, match="the largest budget that keeps the shares is 1,110"):
            mix.plan(pools, [stage], exact=True)
        return
    (planned,) = mix.plan(pools, [stage], exact=True).stages
    assert {share.language: share.tokens for share in planned.shares} == case["given"]


def test_unimax_with_an_anchor_fills_what_the_anchor_leaves() -> None:
    pools = [pool("en-web", 10_000), pool("ru-web", 50), pool("de-web", 10_000)]
    stage = Stage("s", 1000, 1, {"en": 0.7}, policy=Policy("unimax"), max_epochs=2)
    assert shares(stage, pools) == {"en-web": 0.7, "ru-web": 0.1, "de-web": 0.2}


def test_unimax_gives_a_second_stage_what_the_first_left() -> None:
    pools = [pool("ru-web", 100), pool("de-web", 10_000)]
    stages = [Stage(name, 120, 1, policy=Policy("unimax"), max_epochs=1) for name in "ab"]
    first, second = mix.plan(pools, stages, exact=True).stages
    assert [share.tokens for share in first.shares] == [60, 60]
    assert [share.tokens for share in second.shares] == [80, 40]


def test_pools_of_a_language_are_filled_by_size_until_one_is_full() -> None:
    pools = [pool("ru-web", 100), pool("ru-code", 100), pool("de-web", 1000)]
    caps = {"*": 10.0, "ru-code": 0.2}
    stage = Stage("s", 200, 1, policy=Policy("unimax"), max_epochs=caps)
    assert shares(stage, pools) == {"ru-web": 0.4, "ru-code": 0.1, "de-web": 0.5}


def test_temperature_raises_languages_and_keeps_their_pools_natural() -> None:
    pools = [pool("en-web", 750), pool("en-code", 250), pool("ru-web", 10)]
    policy = Policy("temperature", {"temperature": 2.0})
    got = shares(Stage("s", 100, 10, policy=policy), pools)
    assert got["ru-web"] == pytest.approx(10**0.5 / (10**0.5 + 1000**0.5), rel=1e-15)
    assert got["en-web"] == pytest.approx(3 * got["en-code"], rel=1e-15)
    anchored = shares(Stage("s", 100, 10, {"ru": 0.5}, policy=policy), pools)
    assert anchored["ru-web"] == 0.5


def test_weights_are_taken_as_they_are_written() -> None:
    pools = [pool("en-web", 750), pool("ru-web", 10)]
    policy = Policy("weights", {"weights": {"en-web": 0.37, "ru-web": 0.63}})
    assert shares(Stage("s", 100, 10, policy=policy), pools) == {"en-web": 0.37, "ru-web": 0.63}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"en-web": 0.5, "ru-web": 0.6}, "the weights sum to 110 %; `normalise = true` allows it"),
        ({"en-web": 0.5, "fr-web": 0.5}, "no pool with tokens is named fr-web"),
        ({"en-web": 0.5}, "the weights sum to 50 %"),
    ],
)
def test_weights_that_are_no_shares_are_refused(weights: dict[str, float], message: str) -> None:
    pools = [pool("en-web", 10**6), pool("ru-web", 10**6)]
    stage = Stage("s", 100, 10, policy=Policy("weights", {"weights": weights}))
    with pytest.raises(ConfigError, match=message):
        mix.plan(pools, [stage], exact=True)
    allowed = Policy("weights", {"weights": weights, "normalise": True})
    plan = mix.plan(pools, [Stage("s", 100, 10, policy=allowed)], exact=True)
    assert "renormalised" in {finding.code for finding in plan.warnings}


def test_weights_of_no_pool_are_refused_even_when_normalised() -> None:
    policy = Policy("weights", {"weights": {"fr-web": 1.0}, "normalise": True})
    with pytest.raises(ConfigError, match="none of the pools that have a weight has tokens"):
        mix.plan([pool("en-web", 10**6)], [Stage("s", 100, 10, policy=policy)], exact=True)


def test_quality_reads_better_buckets_more_often_and_caps_the_best() -> None:
    pools = [pool(f"en-web-q{k}", 1000, k) for k in range(5)] + [pool("ru-web", 5000)]
    policy = Policy("quality", {"repeats": 2.5, "cut": 0.4})
    stage = Stage("s", 5000, 10, {"en": 0.8}, policy=policy)
    capped = replace(stage, max_epochs={"en-web-q4": 2.0})
    assert shares(capped, pools)["en-web-q4"] == pytest.approx(0.4, abs=1e-6)
    got = shares(stage, pools)
    rates = [got[f"en-web-q{k}"] * 5 for k in range(5)]
    assert rates[:2] == [0, 0]
    assert 0 < rates[2] < rates[3] < rates[4] == pytest.approx(2.5, abs=1e-6)
    assert sum(rates) == pytest.approx(4)


def test_the_best_bucket_that_is_read_up_is_told_of() -> None:
    pools = [pool(f"en-web-q{k}", 1000, k) for k in range(4)]
    stages = [Stage(name, 2000, 10, policy=Policy("quality"), max_epochs=1.5) for name in "ab"]
    with pytest.raises(InfeasibleError) as caught:
        mix.plan(pools, stages, exact=True)
    assert [one.pool for one in caught.value.nearest.binding] == ["en-web-q3"]
    assert caught.value.nearest.change is not None


def test_a_tokenizer_is_trained_though_a_curve_might_need_too_much() -> None:
    pools = [pool("en-web-q0", 100, 0), pool("en-web-q1", 100, 1)]
    stage = Stage("s", 400, 10, policy=Policy("quality", {"repeats": 2.0}))
    assert mix.mean_shares(pools, [stage]) == {"en-web-q0": 0.5, "en-web-q1": 0.5}


def test_a_curve_lowers_its_cut_where_the_rest_would_not_do() -> None:
    assert curves([[1, 1, 1, 1]], 1.5, 2.0, cut=0.5).tolist() == [[0, 2, 2, 2]]
    assert curves([[1, 1]], 2.0, 2.0).tolist() == [[2, 2]]
    with pytest.raises(ConfigError, match=r"needs 2\.1 epochs of all buckets together"):
        curves([[1, 1]], 2.1, 2.0)


def test_a_curve_is_no_steeper_than_it_may_be() -> None:
    (rates,) = curves([[1] * 20], 0.01).tolist()
    assert rates[-1] < 7
    assert rates == sorted(rates)
    assert sum(rates) / 20 == pytest.approx(0.01)


def test_shares_in_bytes_hold_in_bytes() -> None:
    pools = [pool("en-web", 1000, size=4000), pool("zh-web", 1000, size=2000)]
    stage = Stage("s", anchors={"en": 0.5}, sequence_length=10, unit="bytes", budget=2000)
    (planned,) = mix.plan(pools, [stage], exact=True).stages
    tokens = {share.language: share.tokens for share in planned.shares}
    assert planned.tokens == 750  # 1000 bytes of each: 250 and 500 tokens
    assert tokens == {"en": 250, "zh": 500}


def test_content_is_bytes_times_what_a_byte_says() -> None:
    pools = [pool("en-web", 1000, size=4000), pool("ru-web", 1000, size=4000)]
    stage = Stage(
        "s", 900, 10, {"en": 0.5}, unit="content", content_per_byte={"ru": 0.5}, max_epochs=9
    )
    (planned,) = mix.plan(pools, [stage], exact=True).stages
    assert {share.language: share.tokens for share in planned.shares} == {"en": 300, "ru": 600}


def test_natural_shares_are_the_same_in_every_unit() -> None:
    pools = [pool("en-web", 700, size=4000), pool("ru-web", 300, size=3000)]
    for unit in ("tokens", "bytes", "content"):
        got = shares(Stage("s", 100, 10, unit=unit), pools)
        assert got == pytest.approx({"en-web": 0.7, "ru-web": 0.3}, rel=1e-15)


def test_caps_go_by_pool_then_the_least_of_language_and_domain() -> None:
    stage = Stage("s", 100, 10, max_epochs={"*": 9.0, "ru": 3.0, "code": 2.0, "ru-web": 8.0})
    caps = [stage.cap_of(f"{a}-{b}", a, b) for a in ("ru", "en") for b in ("web", "code", "stem")]
    assert caps == [8, 2, 3, 9, 2, 9]
    assert Stage("s", 100, 10, max_epochs={"ru": 3.0}).cap_of("en-web", "en", "web") == 4


def test_a_cap_of_its_own_binds_and_is_named() -> None:
    pools = [pool("en-web", 1000), pool("ru-web", 1000)]
    stage = Stage("s", 1000, 10, max_epochs={"ru": 0.25})
    with pytest.raises(ConfigError, match=r"cap of 0\.25 epochs: ru-web needs 500"):
        mix.plan(pools, [stage], exact=True)


@pytest.mark.parametrize("name", policies.REGISTRY)
def test_the_example_of_every_policy_is_a_recipe(name: str) -> None:
    entry = policies.REGISTRY[name]
    text = f'version = 1\n[[stages]]\nname = "s"\ntokens = 10000\n{entry.example}'
    (stage,) = config.parse(text).stages
    assert stage.policy.name == name
    assert set(entry.told) == set(entry.parameters)
    assert set(stage.policy.parameters) <= set(entry.parameters)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('policy = "unimux"', "no policy is named 'unimux'; did you mean `unimax`?"),
        ("policy = { temperature = 2 }", "or a table with a `name`"),
        ('policy = { name = "unimax", tau = 1 }', "stages[0].policy.tau: unknown key"),
        ('policy = "weights"', "stages[0].policy.weights: missing"),
        ('policy = { name = "quality", cut = 1.0 }', "stages[0].policy.cut: expected a number"),
        ('anchors = { en = 0.5 }\npolicy = { name = "weights", weights = { a = 1 } }', "leave out"),
        ('unit = "bytes"\npolicy = "unimax"', "`unimax` in bytes needs a `budget` in them"),
        ("budget = 10000", "a budget is either `tokens` or `budget`"),
        ("max_epochs = { ru = 0 }", "stages[0].max_epochs.ru: expected a number above 0"),
    ],
)
def test_what_a_recipe_may_not_say(line: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(f'version = 1\n[[stages]]\nname = "s"\ntokens = 10000\n{line}')
    assert message in str(caught.value)


def test_a_recipe_without_new_keys_keeps_its_hash() -> None:
    stage = config.Recipe(stages=(Stage("s", 10_000),)).identity()["stages"][0]
    assert set(stage) == {
        *("name", "tokens", "sequence_length", "anchors", "domains", "max_epochs"),
    }
    changed = Stage("s", 10_000, policy=Policy("unimax"))
    assert config.Recipe(stages=(changed,)).identity()["stages"][0]["policy"]["name"] == "unimax"


def test_filling_pours_out_everything_or_fills_all() -> None:
    rooms = {"a": 5, "b": 7}
    assert policies.filled(rooms, {"a": 1, "b": 3}, 8) == {"a": 2, "b": 6}
    assert policies.filled(rooms, {"a": 1, "b": 3}, 11) == {"a": 4, "b": 7}


def test_a_tokenizer_weighs_by_the_policy_too() -> None:
    pools = [pool("en-web", 9000), pool("ru-web", 1000)]
    stages = [Stage("s", 400, 10, policy=Policy("unimax"))]
    assert mix.mean_shares(pools, stages) == {"en-web": 0.5, "ru-web": 0.5}
    stages = [Stage("s", 2000, 10, policy=Policy("unimax"), max_epochs=1)]
    assert mix.mean_shares(pools, stages) == {"en-web": 0.875, "ru-web": 0.125}


def test_every_policy_and_parameter_is_documented() -> None:
    page = (GOLDEN.parents[2] / "docs" / "plan.md").read_text(encoding="utf-8")
    for name, entry in policies.REGISTRY.items():
        assert f"| `{name}` |" in page
        assert all(f"`{parameter}`" in page for parameter in entry.parameters)


def test_a_stage_is_printed_as_it_is_read() -> None:
    policy = Policy("weights", {"weights": {"en-web": 1.0}, "normalise": True})
    stages = (
        Stage("a", 10_000, policy=policy, max_epochs={"en-web": 2.0}, packing="pow2"),
        Stage("b", budget=90_000, unit="content", content_per_byte={"ru": 0.5}),
    )
    asked = config.Recipe(stages=stages)
    assert config.parse(to_toml(asked)) == asked
