"""The mixture on small cases worked out by hand."""

from __future__ import annotations

import json

import pytest

from gamayun_data import mix
from gamayun_data.errors import ConfigError
from gamayun_data.recipe import Stage
from gamayun_data.results import to_json


def pool(name: str, tokens: int) -> mix.Pool:
    language, _, domain = name.partition("-")
    return mix.Pool(name, language, domain, 10, tokens, 4 * tokens)


POOLS = [
    pool("en-web", 6000),
    pool("en-code", 1000),
    pool("ru-web", 2000),
    pool("ru-code", 3000),
    pool("de-web", 2000),
]


def requested(stage: Stage, pools: list[mix.Pool] = POOLS) -> dict[str, float]:
    return {name: float(share) for name, share in mix.requested_shares(pools, stage).items()}


def test_without_anchors_shares_are_natural() -> None:
    assert requested(Stage("s", 100, 10)) == {
        "en-web": 6 / 14,
        "en-code": 1 / 14,
        "ru-web": 2 / 14,
        "ru-code": 3 / 14,
        "de-web": 2 / 14,
    }


def test_a_language_anchor_counts_what_its_domains_have_already() -> None:
    stage = Stage("s", 100, 10, anchors={"en": 0.40}, domains={"code": 0.20})
    assert requested(stage) == {
        "en-code": 0.05,  # 20 % code, naturally 1 : 3
        "ru-code": 0.15,
        "en-web": 0.35,  # the rest of 40 %
        "ru-web": 0.225,  # the remainder, naturally 1 : 1
        "de-web": 0.225,
    }


def test_a_domain_that_is_anchored_to_nothing_is_left_out() -> None:
    shares = requested(Stage("s", 100, 10, domains={"code": 0.0}))
    assert shares["en-code"] == shares["ru-code"] == 0
    assert sum(shares.values()) == pytest.approx(1)


def test_an_empty_pool_has_no_share() -> None:
    assert requested(Stage("s", 100, 10), [*POOLS, pool("fr-web", 0)])["fr-web"] == 0


@pytest.mark.parametrize(
    ("anchors", "domains", "message"),
    [
        ({"en": 0.9}, {"code": 0.2}, "the anchors of languages and domains sum to 105 %, 5 % abov"),
        ({"en": 0.03}, {"code": 0.2}, "anchors.en: the anchor is 3 %, but the anchored domains a"),
        ({"fr": 0.1}, {}, "anchors.fr: 10 % is asked for, but this language has no tokens"),
        ({}, {"stem": 0.1}, "domains.stem: 10 % is asked for, but this domain has no tokens"),
        (
            {"en": 0.3, "ru": 0.3, "de": 0.3},
            {},
            "anchors: the anchors sum to 90 % and no pool is left for the other 10 %",
        ),
        (
            {"en": 0.4},
            {"web": 0.3, "code": 0.7},
            "which give it 35.5 %; 4.5 % of its 40 % has no pool",
        ),
    ],
)
def test_what_no_pool_can_meet_is_refused(
    anchors: dict[str, float], domains: dict[str, float], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        mix.plan(POOLS, [Stage("s", 100, 10, anchors, domains)], exact=True)
    assert str(caught.value).startswith("stage `s`: ")
    assert message in str(caught.value)


def test_the_cursor_goes_on_and_the_cap_is_for_all_stages() -> None:
    pools = [pool("en-web", 1000), pool("ru-web", 1000)]
    stages = [
        Stage("one", 1000, 10, {"en": 0.75}, max_epochs=1.5),
        Stage("two", 1000, 100, {"en": 0.7}, max_epochs=1.5),
    ]
    first, second = mix.plan(pools, stages, exact=True).stages
    assert [(s.start_token, s.end_token) for s in first.shares] == [(0, 750), (0, 250)]
    assert [(s.start_token, s.end_token) for s in second.shares] == [(750, 1450), (250, 550)]
    assert second.shares[0].cumulative_epochs == 1.45
    assert 640 < second.shares[0].effective_tokens < 700

    stages[1] = Stage("two", 1100, 100, {"en": 0.8}, max_epochs=1.5)
    with pytest.raises(ConfigError) as caught:
        mix.plan(pools, stages, exact=True)
    assert str(caught.value) == (
        "stage `two`: max_epochs: 1,100 tokens pass the cap of 1.5 epochs: en-web needs 900 tokens "
        "and has 700 left (1,000 x 1.5, less what earlier stages read); the largest budget that "
        "keeps the shares is 900 tokens; the smallest change of shares that keeps the budget is "
        "32.73 % in all: en-web 80 % to 63.64 %, ru-web 20 % to 36.36 %"
    )
    stages[1] = Stage("two", 900, 100, {"en": 0.8}, max_epochs=1.5)
    mix.plan(pools, stages, exact=True)


def test_a_pool_below_one_sample_never_stops_a_plan() -> None:
    plan = mix.plan(
        [pool("en-web", 10_000), pool("ru-web", 20)], [Stage("s", 1000, 100)], exact=True
    )
    assert [share.samples for share in plan.stages[0].shares] == [10, 0]
    assert [(one.code, one.stage, one.subject) for one in plan.warnings] == [
        ("below-one-sample", "s", "ru-web"),
        ("unused-pool", "", "ru-web"),
    ]
    assert "ru-web has a share of 0.1996 %, less than one sample" in str(plan.warnings[0])


def test_an_estimate_close_to_the_cap_is_warned_of() -> None:
    close = mix.Pool("en-web", "en", "web", 10, 1000, 4000, error=30.0)
    plan = mix.plan([close], [Stage("s", 3900, 10)], exact=False)
    (warning,) = plan.warnings
    assert "en-web is planned for 3.9 epochs of 1,000 ± 30 tokens" in str(warning)
    assert not mix.plan([close], [Stage("s", 3700, 10)], exact=False).warnings


def test_a_share_that_jumps_is_warned_of() -> None:
    pools = [pool("en-web", 10**6), pool("ru-web", 10**6)]
    stages = [Stage("a", 10_000, 10, {"en": 0.5}), Stage("b", 10_000, 10, {"en": 0.99})]
    assert [str(one) for one in mix.plan(pools, stages, exact=True).warnings] == [
        "stage `b`: language ru: share goes from 50 % in `a` to 1 %, x50 (share-jump)"
    ]


def test_groups_sum_what_their_pools_have() -> None:
    stage = mix.plan(POOLS, [Stage("s", 1400, 10)], exact=True).stages[0]
    assert [(g.name, g.tokens, g.share) for g in stage.by_language()] == [
        ("de", 200, 20 / 140),
        ("en", 700, 0.5),
        ("ru", 500, 50 / 140),
    ]
    assert [(g.name, g.samples) for g in stage.by_domain()] == [("code", 40), ("web", 100)]
    assert stage.by_domain()[0].epochs == 0.1


def test_mean_shares_weigh_stages_by_their_budgets() -> None:
    stages = [Stage("a", 3000, 10, {"en": 0.4}), Stage("b", 1000, 10, {"en": 0.8})]
    means = mix.mean_shares([pool("en-web", 10), pool("ru-web", 10)], stages)
    assert means == {"en-web": 0.5, "ru-web": 0.5}


def test_a_language_weighs_in_the_tokenizer_as_it_will_in_the_stages() -> None:
    pools = [pool("en-web", 100), pool("ru-web", 200), pool("ru-code", 100), pool("fr-web", 0)]
    weights = mix.language_weights(pools, [Stage("s", 100, 10, {"en": 0.5})])
    assert weights == pytest.approx({"en": 2.0, "ru": 2 / 3, "fr": 0.0})
    assert 100 * weights["en"] + 300 * weights["ru"] == pytest.approx(400)


def test_a_plan_is_json() -> None:
    plan = mix.plan(POOLS, [Stage("s", 1400, 10)], exact=False)
    assert json.loads(json.dumps(plan.to_dict())) == to_json(plan)


def test_two_pools_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="two pools have the same name"):
        mix.plan([POOLS[0], POOLS[0]], [], exact=True)


def test_an_epoch_is_the_repeated_pool_and_its_worth_that_of_the_unique_one() -> None:
    once = mix.Pool("en-web", "en", "web", 10, 1000, 4000)
    repeated = mix.Pool("en-web", "en", "web", 40, 4000, 16_000, repeated_tokens=3000)
    stage = [Stage("one", 4000, 10, max_epochs=4)]
    (of_once,) = mix.plan([once], stage, exact=True).stages[0].shares
    (share,) = mix.plan([repeated], stage, exact=True).stages[0].shares
    assert repeated.unique_tokens == 1000
    assert (of_once.epochs, share.epochs) == (4, 1)
    assert share.effective_tokens == of_once.effective_tokens < 4000
