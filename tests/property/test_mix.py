"""Laws of the mixture, over random pools, anchors and stages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from gamayun_data import mix
from gamayun_data.budget import deal
from gamayun_data.errors import ConfigError
from gamayun_data.nearest import InfeasibleError, closest_shares
from gamayun_data.policies import Policy
from gamayun_data.recipe import Stage, exact

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("ar", "de", "en", "ru")
DOMAINS = ("code", "stem", "web")


@st.composite
def pools(draw: st.DrawFn) -> list[mix.Pool]:
    pairs = st.tuples(st.sampled_from(LANGUAGES), st.sampled_from(DOMAINS))
    chosen = draw(st.lists(pairs, min_size=1, max_size=12, unique=True))
    return [
        mix.Pool(
            name=f"{language}-{domain}",
            language=language,
            domain=domain,
            documents=1 + index,
            tokens=draw(st.integers(0, 50_000) | st.integers(10**9, 10**12)),
            bytes=draw(st.integers(1, 10**6)),
            bucket=draw(st.none() | st.integers(0, 3)),
        )
        for index, (language, domain) in enumerate(chosen)
    ]


@st.composite
def stages(draw: st.DrawFn) -> list[Stage]:
    shares = st.sampled_from([0.0, 0.05, 0.1, 0.37, 0.5, 1.0])
    made: list[Stage] = []
    for number in range(draw(st.integers(1, 3))):
        length = draw(st.sampled_from([2, 16, 100]))
        made.append(
            Stage(
                name=f"stage{number}",
                tokens=draw(st.integers(length, 200_000)),
                sequence_length=length,
                anchors=_at_most_one(draw(st.dictionaries(st.sampled_from(LANGUAGES), shares))),
                domains=_at_most_one(draw(st.dictionaries(st.sampled_from(DOMAINS), shares))),
                max_epochs=draw(caps()),
                policy=draw(st.sampled_from(POLICIES)),
            )
        )
    return made


POLICIES = (
    Policy(),
    Policy("temperature", {"temperature": 2.5}),
    Policy("unimax"),
    Policy("quality", {"repeats": 1000.0, "cut": 0.3}),
)


def caps() -> st.SearchStrategy[float | dict[str, float]]:
    """One cap, or one by language, domain or pool."""
    values = st.sampled_from([0.5, 1.0, 1.5, 4.0, 1000.0])
    named = st.dictionaries(st.sampled_from(["*", "en", "ru", "code", "en-code"]), values)
    return values | named


def _at_most_one(shares: dict[str, float]) -> dict[str, float]:
    return shares if sum(map(exact, shares.values())) <= 1 else {}


@given(pools(), stages())
@settings(max_examples=200, deadline=None)
def test_a_plan_keeps_its_word_or_says_why_not(have: list[mix.Pool], want: list[Stage]) -> None:
    try:
        plan = mix.plan(have, want, exact=True)
    except ConfigError as error:
        _assert_says_why(error)
        return
    cursors = dict.fromkeys((pool.name for pool in have), 0)
    tokens = {pool.name: pool.tokens for pool in have}
    for stage, planned in zip(want, plan.stages, strict=True):
        assert planned.samples == stage.tokens // stage.sequence_length
        assert sum(share.samples for share in planned.shares) == planned.samples
        for share in planned.shares:
            assert share.tokens == share.samples * stage.sequence_length
            assert abs(share.samples - share.requested * planned.samples) < 1 + 1e-6
            assert share.start_token == cursors[share.pool]
            assert share.end_token == share.start_token + share.tokens
            cap = exact(stage.cap_of(share.pool, share.language, share.domain))
            assert share.end_token <= cap * tokens[share.pool] or share.tokens == 0
            cursors[share.pool] = share.end_token
        _assert_anchors_hold(stage, mix.requested_shares(have, stage), have)


def _assert_says_why(error: ConfigError) -> None:
    reasons = ("above the whole", "no pool", "no tokens", "more", "pass ", "policy.repeats")
    assert str(error).startswith("stage `stage")
    assert error.parameter
    assert any(reason in str(error) for reason in reasons)


def _assert_anchors_hold(
    stage: Stage, shares: Mapping[str, Fraction], have: list[mix.Pool]
) -> None:
    """The definition, read back from the shares: sums for anchors, equal rates for the rest."""
    assert sum(shares.values()) == 1
    languages: defaultdict[str, Fraction] = defaultdict(Fraction)
    domains: defaultdict[str, Fraction] = defaultdict(Fraction)
    rates: defaultdict[tuple[str, str], set[Fraction]] = defaultdict(set)
    for pool in have:
        languages[pool.language] += shares[pool.name]
        domains[pool.domain] += shares[pool.name]
        if pool.tokens and stage.policy.name == "natural":
            group = (
                ("domain", pool.domain)
                if pool.domain in stage.domains
                else ("language", pool.language if pool.language in stage.anchors else "")
            )
            rates[group].add(shares[pool.name] / pool.tokens)
    for language, share in stage.anchors.items():
        assert languages[language] == exact(share)
    for domain, share in stage.domains.items():
        assert domains[domain] == exact(share)
    assert all(len(rate) == 1 for rate in rates.values())


@settings(deadline=None)
@given(pools(), stages(), st.randoms(use_true_random=False))
def test_the_order_of_pools_does_not_matter(
    have: list[mix.Pool], want: list[Stage], random: object
) -> None:
    shuffled = list(have)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _outcome(have, want) == _outcome(shuffled, want)


def _outcome(have: list[mix.Pool], want: list[Stage]) -> mix.Plan | str:
    try:
        return mix.plan(have, want, exact=True)
    except ConfigError as error:
        return str(error)


@given(
    st.integers(1, 3000),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3000)), min_size=1, max_size=8),
)
@settings(max_examples=200, deadline=None)
def test_dealing_equals_its_slow_twin(samples: int, raw: list[tuple[int, int]]) -> None:
    total = sum(weight for weight, _ in raw)
    if total == 0:
        return
    shares = {f"p{index}": Fraction(weight, total) for index, (weight, _) in enumerate(raw)}
    room = {f"p{index}": space for index, (_, space) in enumerate(raw)}
    assert deal(samples, shares, room) == _deal_slowly(samples, shares, room)


def _deal_slowly(
    samples: int, shares: dict[str, Fraction], room: dict[str, int]
) -> dict[str, int] | None:
    """Give out one sample at a time, to the pool with the largest remainder that has room."""
    quota = {name: samples * share for name, share in shares.items()}
    dealt = {name: int(one) for name, one in quota.items()}
    if any(dealt[name] > room[name] for name in dealt):
        return None
    for _ in range(samples - sum(dealt.values())):
        open_to = [n for n in dealt if quota[n] - dealt[n] > 0 and dealt[n] < room[n]]
        if not open_to:
            return None
        dealt[min(open_to, key=lambda n: (dealt[n] - quota[n], n))] += 1
    return dealt


@given(pools(), stages())
@settings(max_examples=200, deadline=None)
def test_what_is_advised_is_feasible(have: list[mix.Pool], want: list[Stage]) -> None:
    stage = replace(want[0], policy=Policy())
    length, samples = stage.sequence_length, stage.samples
    try:
        mix.plan(have, [stage], exact=True)
    except InfeasibleError as error:
        near = error.nearest
    except ConfigError:
        return
    else:
        return
    assert 0 <= near.tokens < samples * length
    if near.tokens:
        mix.plan(have, [replace(stage, tokens=near.tokens)], exact=True)
    shares = mix.requested_shares(have, stage)
    room = {
        p.name: int(exact(stage.cap_of(p.name, p.language, p.domain)) * p.tokens) // length
        for p in have
    }
    assert deal(near.tokens // length + 1, shares, room) is None or near.tokens == 0
    closest = closest_shares(samples, shares, room, {p.name: p.language for p in have})
    if closest is None:
        assert near.change is None
        assert sum(room[name] for name, share in shares.items() if share) < samples
        return
    assert sum(closest.values()) == 1
    assert deal(samples, closest, room) is not None
    # No feasible shares are nearer: each pool gives up what is above its room, and no more moves.
    above = sum(max(Fraction(0), share - Fraction(room[n], samples)) for n, share in shares.items())
    assert near.change == float(2 * above)
    assert all(share == 0 for name, share in closest.items() if not shares[name])


@given(pools(), stages(), st.sampled_from(["bytes", "content"]))
@settings(max_examples=150, deadline=None)
def test_shares_in_another_unit_hold_in_it(
    have: list[mix.Pool], want: list[Stage], unit: str
) -> None:
    """The definition, read back: tokens times what a token has of the unit, by language."""
    premium = {"ru": 0.5, "ar": 1.75}
    stage = replace(
        want[0], unit=unit, tokens=0, budget=10**7, max_epochs=10.0**9, content_per_byte=premium
    )
    plain = [replace(pool, tokens=pool.bytes * 60) for pool in have]
    try:
        shares = mix.requested_shares(plain, stage)
    except ConfigError as error:
        _assert_says_why(error)
        return
    each = {
        pool.name: Fraction(pool.bytes, pool.tokens)
        * (exact(premium.get(pool.language, 1.0)) if unit == "content" else 1)
        for pool in plain
    }
    whole = sum((shares[name] * each[name] for name in shares), Fraction())
    for language, share in stage.anchors.items():
        mine = [pool.name for pool in plain if pool.language == language]
        got = sum((shares[name] * each[name] for name in mine), Fraction()) / whole
        assert abs(got - exact(share)) < Fraction(1, 2**60)


@given(pools(), st.integers(1, 60_000), st.sampled_from([0.5, 1.0, 4.0]))
@settings(max_examples=200, deadline=None)
def test_unimax_is_fair(have: list[mix.Pool], budget: int, cap: float) -> None:
    """No language has less than another unless all of it that the caps allow is read."""
    stage = Stage("s", budget, 1, max_epochs=cap, policy=Policy("unimax"))
    try:
        (planned,) = mix.plan(have, [stage], exact=True).stages
    except ConfigError:
        assert budget > sum(int(exact(cap) * pool.tokens) for pool in have)
        return
    given_out = {group.name: group.tokens for group in planned.by_language()}
    room: defaultdict[str, int] = defaultdict(int)
    for pool in have:
        room[pool.language] += int(exact(cap) * pool.tokens)
    most = max(given_out.values())
    for name, tokens in given_out.items():
        pools_of_it = sum(pool.language == name for pool in have)
        assert tokens >= min(room[name], most) - 2 * pools_of_it - 2
