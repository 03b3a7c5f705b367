"""Stages that lead from one mixture to the next in equal steps: warm-ups and decays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gamayun_data.errors import ConfigError
from gamayun_data.policies import Policy
from gamayun_data.recipe import Stage, exact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DECIMALS: Final = 12
"""Of the shares of a step, which are then decimals as if they had been written."""


def ramped(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Cut each stage that has a `ramp` into that many, `NAME-1` and on; the others stay.

    Step i of n has the shares of the stage before plus i/n of the way to its own, so that the last
    has them whole. The budget is cut in whole samples, as equally as they go.

    >>> stages = ramped([Stage("a", 10, 10, {"en": 0.4}), Stage("b", 40, 10, {"en": 0.8}, ramp=2)])
    >>> [(stage.name, stage.tokens, dict(stage.anchors)) for stage in stages]
    [('a', 10, {'en': 0.4}), ('b-1', 20, {'en': 0.6}), ('b-2', 20, {'en': 0.8})]
    """
    done: list[Stage] = []
    for stage in stages:
        if stage.ramp == 1:
            done.append(stage)
        else:
            done += _steps(done[-1] if done else None, stage)
    return tuple(done)


def _steps(before: Stage | None, stage: Stage) -> list[Stage]:
    if before is None:
        raise ConfigError(
            f"stage `{stage.name}`: ramp: no stage comes before, so there is nothing to go from",
            parameter="ramp",
        )
    if stage.budget or stage.tokens < stage.ramp * stage.sequence_length:
        raise ConfigError(
            f"stage `{stage.name}`: ramp: {stage.ramp} steps need as many samples, in `tokens`",
            parameter="ramp",
        )
    samples, length = stage.samples, stage.sequence_length
    ends = [samples * step // stage.ramp for step in range(stage.ramp + 1)]
    return [
        replace(
            stage,
            name=f"{stage.name}-{step}",
            tokens=(ends[step] - ends[step - 1]) * length,
            anchors=_between(stage, "anchors", before.anchors, stage.anchors, step),
            domains=_between(stage, "domains", before.domains, stage.domains, step),
            policy=_policy(before, stage, step),
            ramp=1,
        )
        for step in range(1, stage.ramp + 1)
    ]


def _policy(before: Stage, stage: Stage, step: int) -> Policy:
    """Weights are stepped like anchors; any other policy holds from the first step on."""
    new = stage.policy.parameters.get("weights")
    old = before.policy.parameters.get("weights")
    if new is None or old is None:
        return stage.policy
    names = sorted({*old, *new})
    first, last = ({name: each.get(name, 0.0) for name in names} for each in (old, new))
    weights = _between(stage, "policy.weights", first, last, step)
    return Policy(stage.policy.name, {**stage.policy.parameters, "weights": weights})


def _between(
    stage: Stage, where: str, old: Mapping[str, float], new: Mapping[str, float], step: int
) -> dict[str, float]:
    if old.keys() != new.keys():
        lacking = ", ".join(sorted(old.keys() ^ new.keys()))
        raise ConfigError(
            f"stage `{stage.name}`: ramp: {where} of this stage and of the one before must name "
            f"the same; only one of them names {lacking}",
            parameter="ramp",
        )
    exactly = {name: _way(old[name], new[name], step, stage.ramp) for name in new}
    rounded = {name: round(share, DECIMALS) for name, share in exactly.items()}
    if rounded:
        # What rounding loses goes to the largest, so that shares that summed to 1 still do.
        largest = max(rounded, key=lambda name: (rounded[name], name))
        rounded[largest] += round(sum(exactly.values(), Fraction()), DECIMALS) - sum(
            rounded.values(), Fraction()
        )
    return {name: float(share) for name, share in rounded.items()}


def _way(old: float, new: float, step: int, steps: int) -> Fraction:
    return exact(old) + (exact(new) - exact(old)) * step / steps
