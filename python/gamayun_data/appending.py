"""Another stage for shards that exist: it begins where an earlier one was left, at any sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gamayun_data import config, directory, manifests, mix, provenance
from gamayun_data.errors import ConfigError
from gamayun_data.loader.dataset import TokenDataset
from gamayun_data.planned import Plan, Pool
from gamayun_data.shards import open_shard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.recipe import Recipe, Stage


def append_stage(
    run: str | Path,
    *,
    recipe: Recipe | str | Path,
    stage: str,
    after: str,
    sample: int | None = None,
) -> Plan:
    """Plan a stage of a recipe from the cursors of another, and write its manifest.

    The pools go on where the first `sample` samples of stage `after` left them (all of them if none
    is given), so that nothing is read twice and nothing is lost. No shard is touched. Raises
    `ConfigError` for a stage that cannot be met, is not in the recipe or has a manifest already.
    """
    run = Path(run)
    asked = config.resolve(recipe)
    wanted = _stage_of(asked, stage)
    if (run / "manifests" / f"{stage}.json").exists():
        raise ConfigError(f"{run}: stage `{stage}` has a manifest already", parameter="stage")
    before = TokenDataset(run, after)
    left_at = len(before) if sample is None else sample
    cursors = before.cursors(left_at)
    pools = [_pool(row) for row in before.manifest["pools"]]
    planned = mix.plan_from(pools, wanted, cursors)
    left = {"stage": after, "manifest": before.identity, "sample": left_at}
    with directory.locked(run):
        rows = {row["name"]: row for row in before.manifest["pools"]}
        tracks = {name: _track(run, before.manifest["seed"], row) for name, row in rows.items()}
        manifests.append(
            run,
            before.manifest,
            planned.stages[0],
            {name: track for name, track in tracks.items() if track},
            {"after": left, "config_sha256": config.config_hash(asked)},
        )
        provenance.name_manifests(run)
    return planned


def _stage_of(asked: Recipe, name: str) -> Stage:
    found = next((stage for stage in asked.stages if stage.name == name), None)
    if found is None:
        names = ", ".join(stage.name for stage in asked.stages) or "none"
        raise ConfigError(f"stage: the recipe has {names}, not {name}", parameter="stage")
    return found


def _pool(row: Mapping[str, Any]) -> Pool:
    held = row["available"]
    counts = held["documents"], held["tokens"], held["bytes"]
    return Pool(row["name"], row["language"], row["domain"], *counts, bucket=row.get("bucket"))


def _track(run: Path, seed: int, row: Mapping[str, Any]) -> manifests.Track | None:
    opened = [open_shard(run / shard["bin"]) for shard in row["shards"]]
    return manifests.Track.of(row["name"], seed, opened) if opened else None
