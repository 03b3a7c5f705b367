"""Plans that are compared: what a change of the recipe would do, and how two plans differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gamayun_data import config, pipeline, plan_diff
from gamayun_data.errors import ConfigError
from gamayun_data.overrides import overridden

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gamayun_data.plan_diff import PlanDiff, StageView


def what_if(
    run: str | Path,
    *,
    recipe: str | Path,
    changes: Sequence[str],
    tokenizer: str | Path | None = None,
    threads: int | None = None,
) -> PlanDiff:
    """Plan a recipe as it is and with changes such as `stages.stage1.tokens=2B`, side by side.

    The pools are those of the run as it stands, estimated once. Raises `ConfigError` when either
    plan is refused.
    """
    changed = overridden(recipe, changes)
    asked = config.resolve(recipe, tokenizer=tokenizer)
    found = pipeline.pools_of(run, asked, threads=threads)
    plans = [pipeline.plan_of(found, one) for one in (asked, changed)]
    before, after = (plan_diff.view(one) for one in plans)
    return plan_diff.compare(before, after, (str(recipe), ", ".join(changes)))


def diff_plans(
    before: str | Path,
    after: str | Path,
    *,
    run: str | Path | None = None,
    tokenizer: str | Path | None = None,
) -> PlanDiff:
    """Compare two plans: recipes (over the pools of `run`), saved plans, manifests or runs."""
    views = [_view(path, run, tokenizer) for path in (before, after)]
    return plan_diff.compare(views[0], views[1], (str(before), str(after)))


def _view(
    path: str | Path, run: str | Path | None, tokenizer: str | Path | None
) -> tuple[StageView, ...]:
    if Path(path).suffix != ".toml":
        return plan_diff.load(path)
    if run is None:
        raise ConfigError(f"{path}: a recipe is planned over a run; name one", parameter="run")
    return plan_diff.view(pipeline.plan(run, recipe=path, tokenizer=tokenizer))
