"""Findings about a mixture: facts that nobody should have to learn from a loss curve.

Those of a recipe need no pools (`of_stages`); the others are found in a plan. Each has a code of
`CODES`; a strict run takes any of them for an error.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gamayun_data.errors import ConfigError
from gamayun_data.planned import Finding
from gamayun_data.policies import weight_sum
from gamayun_data.recipe import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gamayun_data.planned import Pool, StagePlan
    from gamayun_data.recipe import Stage

JUMP: Final = 10.0
"""A share that changes by more than this factor between stages is a finding."""

CODES: Final[Mapping[str, str]] = {
    "weights-sum": "weights that are written down do not sum to 1",
    "renormalised": "weights were divided by their sum, so every share is not what was written",
    "missing-pool": "a weight, a cap or a language of the recipe has no pool",
    "share-jump": "a share changes by more than ten times from one stage to the next",
    "left-out": "a pool that has a weight in one stage is not named in the next",
    "below-one-sample": "the share of a pool is less than one sample, so nothing of it is read",
    "unused-pool": "a pool is read in no stage",
    "near-cap": "a pool would pass its epoch cap if the estimate of its tokens is off",
}


def of_stages(stages: Sequence[Stage]) -> list[Finding]:
    """What the stages of a recipe tell by themselves."""
    found = [finding for stage in stages for finding in _sums(stage)]
    for before, after in pairwise(stages):
        old, new = (_written(stage) for stage in (before, after))
        for kind in ("pool", "language", "domain"):
            if kind in old and kind in new:
                found += _jumps(kind, before.name, old[kind], after.name, new[kind])
        found += _left_out(before, after)
    return found


def findings(
    pools: Sequence[Pool],
    stages: Sequence[Stage],
    planned: Sequence[StagePlan],
    languages: Iterable[str] = (),
) -> list[Finding]:
    """What a plan tells, with what its recipe does; `languages` are those that should have a pool.

    Where a jump is found in what was written it is not told again of what came out.
    """
    by_name = {pool.name: pool for pool in pools}
    found = of_stages(stages)
    told = {(one.code, one.stage, one.subject) for one in found}
    for stage, plan in zip(stages, planned, strict=True):
        found += _missing(stage, by_name)
        found += _uncertain(plan, by_name)
        found += _small(plan)
    shares = [_by_language(plan) for plan in planned]
    for (before, old), (after, new) in pairwise(zip(planned, shares, strict=True)):
        jumps = _jumps("language", before.name, old, after.name, new)
        found += [one for one in jumps if (one.code, one.stage, one.subject) not in told]
    found += _unused(pools, planned)
    found += without_pool(pools, languages)
    return found


def refuse(found: Sequence[Finding]) -> None:
    """Raise `ConfigError` with every finding, if there are any."""
    if found:
        lines = "\n".join(f"  {one}" for one in found)
        raise ConfigError(f"{len(found)} findings, and `strict` allows none:\n{lines}")


def _sums(stage: Stage) -> Iterator[Finding]:
    total = weight_sum(stage.policy)
    if total is None or total == 1:
        return
    yield Finding(
        "weights-sum",
        stage.name,
        "policy.weights",
        f"the weights sum to {float(total):.6g}, which is {float(total - 1):+.3g}",
    )
    if stage.policy.parameters.get("normalise", False) and total:
        yield _grown(stage, float(1 / total), "their sum is taken for 1")


def _grown(stage: Stage, factor: float, why: str) -> Finding:
    return Finding(
        "renormalised",
        stage.name,
        "policy.weights",
        f"{why}, so every share is x{factor:.6g} of what is written",
    )


def _written(stage: Stage) -> dict[str, dict[str, float]]:
    """The shares that a recipe fixes, by pool, language or domain."""
    weights = stage.policy.parameters.get("weights")
    if weights is not None:
        return {"pool": dict(weights)}
    return {"language": dict(stage.anchors), "domain": dict(stage.domains)}


def _jumps(
    kind: str, before: str, old: Mapping[str, float], after: str, new: Mapping[str, float]
) -> list[Finding]:
    """Shares of both stages that change too much."""
    found = []
    for name in sorted(old.keys() & new.keys()):
        low, high = sorted((old[name], new[name]))
        if high > JUMP * low:
            factor = f"x{high / low:.3g}" if low else "to or from nothing"
            message = (
                f"{kind} {name}: share goes from {100 * old[name]:.4g} % in `{before}` "
                f"to {100 * new[name]:.4g} %, {factor}"
            )
            found.append(Finding("share-jump", after, name, message))
    return found


def _left_out(before: Stage, after: Stage) -> list[Finding]:
    """Pools that have a weight in one stage and are not named in the next."""
    old, new = (stage.policy.parameters.get("weights", {}) for stage in (before, after))
    return [
        Finding(
            "left-out",
            after.name,
            name,
            f"pool {name} has {100 * old[name]:.4g} % in `{before.name}` and is not named any more",
        )
        for name in sorted(old.keys() - new.keys())
        if new and old[name]
    ]


def _by_language(plan: StagePlan) -> dict[str, float]:
    samples: dict[str, int] = {}
    for share in plan.shares:
        samples[share.language] = samples.get(share.language, 0) + share.samples
    return {name: count / plan.samples for name, count in samples.items()}


def _missing(stage: Stage, pools: Mapping[str, Pool]) -> Iterator[Finding]:
    """Weights and caps of what has no pool."""
    weights = stage.policy.parameters.get("weights", {})
    lost = [name for name in weights if not (name in pools and pools[name].tokens)]
    for name in lost:
        message = f"weight {weights[name]:g} is written for {name}, which has no pool"
        yield Finding("missing-pool", stage.name, name, message)
    total = weight_sum(stage.policy)
    kept = sum((exact(weights[name]) for name in weights if name not in lost), start=exact(0))
    if lost and total and kept and stage.policy.parameters.get("normalise", False):
        yield _grown(stage, float(1 / kept), f"{len(lost)} weights have no pool")
    caps = stage.max_epochs if not isinstance(stage.max_epochs, float | int) else {}
    if not caps:
        return
    names = {part for pool in pools.values() for part in (pool.name, pool.language, pool.domain)}
    for name in sorted(caps.keys() - names - {"*"}):
        message = f"an epoch cap is written for {name}, which is no pool, language or domain"
        yield Finding("missing-pool", stage.name, name, message)


def without_pool(pools: Iterable[Pool], languages: Iterable[str]) -> Iterator[Finding]:
    """Languages that have no pool at all."""
    held = {pool.language for pool in pools if pool.tokens}
    for language in sorted(set(languages) - held):
        yield Finding("missing-pool", "", language, f"language {language} has no pool")


def _small(stage: StagePlan) -> Iterator[Finding]:
    for share in stage.shares:
        if share.requested > 0 and share.samples == 0:
            yield Finding(
                "below-one-sample",
                stage.name,
                share.pool,
                f"pool {share.pool} has a share of {100 * share.requested:.4g} %, "
                "less than one sample: nothing of it is read",
            )


def _uncertain(stage: StagePlan, pools: Mapping[str, Pool]) -> Iterator[Finding]:
    """Pools whose estimate, off by two standard errors, would pass the epoch cap."""
    for share in stage.shares:
        pool = pools[share.pool]
        if not (pool.error and share.samples):
            continue
        if share.end_token > share.max_epochs * (pool.tokens - 2 * pool.error):
            yield Finding(
                "near-cap",
                stage.name,
                pool.name,
                f"pool {pool.name} is planned for {share.cumulative_epochs:.3g} epochs of "
                f"{pool.tokens:,} ± {round(pool.error):,} tokens: the exact plan may pass the cap "
                f"of {share.max_epochs:g}",
            )


def _unused(pools: Sequence[Pool], planned: Sequence[StagePlan]) -> Iterator[Finding]:
    used = {share.pool for stage in planned for share in stage.shares if share.samples}
    for pool in pools:
        if planned and pool.tokens and pool.name not in used:
            message = f"pool {pool.name} ({pool.tokens:,} tokens) is read in no stage"
            yield Finding("unused-pool", "", pool.name, message)
