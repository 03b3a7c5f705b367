"""Two plans side by side: of recipes, of saved plans, or of the manifests of a run."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.planned import Plan, ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KINDS: Final = ("language", "domain", "pool")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a stage takes of a pool: tokens in the stage, in the pool, and of all stages so far."""

    pool: str
    language: str
    domain: str
    tokens: int
    pool_tokens: int
    end_token: int


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of any plan, as far as plans are compared."""

    name: str
    tokens: int
    sequence_length: int
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A language, domain or pool in one of the plans; epochs are those of all stages so far."""

    tokens: int
    share: float
    epochs: float
    cumulative_epochs: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A language, domain or pool (`kind`) of a stage in both plans; `None` where it is not."""

    kind: str
    name: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class StageDiff:
    """A stage in both plans. `change` sums the changes of the shares of all pools, up and down."""

    name: str
    tokens_before: int | None
    tokens_after: int | None
    sequence_length_before: int | None
    sequence_length_after: int | None
    change: float
    rows: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """Two plans, by what they were called."""

    before: str
    after: str
    stages: tuple[StageDiff, ...]


def view(plan: Plan) -> tuple[StageView, ...]:
    """The stages of a plan."""
    return tuple(
        StageView(
            stage.name,
            stage.tokens,
            stage.sequence_length,
            tuple(
                Taken(
                    one.pool, one.language, one.domain, one.tokens, one.pool_tokens, one.end_token
                )
                for one in stage.shares
            ),
        )
        for stage in plan.stages
    )


def load(path: str | Path) -> tuple[StageView, ...]:
    """Read a saved plan, a manifest, or the manifests of the run in a folder, in their order."""
    path = Path(path)
    if path.is_dir():
        files = sorted((path / "manifests").glob("*.json"))
        if not files:
            raise ConfigError(f"{path}: no manifests there; name a run with shards", path=path)
        found = [_read(file) for file in files]
        found.sort(key=lambda raw: (raw["stage"]["index"], raw["stage"]["name"]))
        return tuple(_of_manifest(raw) for raw in found)
    raw = _read(path)
    try:
        return _of_plan(raw) if "stages" in raw else (_of_manifest(raw),)
    except (KeyError, TypeError) as error:
        raise FormatError(f"{path}: neither a plan nor a manifest: {error!r}", path=path) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        raw: object = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path}: not JSON: {error}", path=path) from error
    if not isinstance(raw, dict):
        raise FormatError(f"{path}: neither a plan nor a manifest", path=path)
    return raw


def _of_plan(raw: Mapping[str, Any]) -> tuple[StageView, ...]:
    names = ("pool", "language", "domain", "tokens", "pool_tokens", "end_token")
    return tuple(
        StageView(
            stage["name"],
            stage["tokens"],
            stage["sequence_length"],
            tuple(Taken(*(share[name] for name in names)) for share in stage["shares"]),
        )
        for stage in raw["stages"]
    )


def _of_manifest(raw: Mapping[str, Any]) -> StageView:
    return StageView(
        raw["stage"]["name"],
        raw["stage"]["tokens"],
        raw["stage"]["sequence_length"],
        tuple(
            Taken(
                pool["name"],
                pool["language"],
                pool["domain"],
                pool["tokens"],
                pool["available"]["tokens"],
                pool["end_token"],
            )
            for pool in raw["pools"]
        ),
    )


def compare(
    before: Sequence[StageView], after: Sequence[StageView], names: tuple[str, str]
) -> PlanDiff:
    """Put plans side by side, stage by stage: those of the first in their order, then new ones."""
    old = {stage.name: stage for stage in before}
    new = {stage.name: stage for stage in after}
    stages = tuple(
        _stage(name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])
    )
    return PlanDiff(*names, stages)


def _stage(name: str, old: StageView | None, new: StageView | None) -> StageDiff:
    rows: list[Difference] = []
    for kind in KINDS:
        was, now = _sides(old, kind), _sides(new, kind)
        rows += [Difference(kind, key, was.get(key), now.get(key)) for key in sorted({*was, *now})]
    return StageDiff(
        name,
        None if old is None else old.tokens,
        None if new is None else new.tokens,
        None if old is None else old.sequence_length,
        None if new is None else new.sequence_length,
        sum(_change(row) for row in rows if row.kind == "pool"),
        tuple(rows),
    )


def _change(row: Difference) -> float:
    return abs((row.after.share if row.after else 0.0) - (row.before.share if row.before else 0.0))


def _sides(stage: StageView | None, kind: str) -> dict[str, Side]:
    if stage is None:
        return {}
    groups: defaultdict[str, list[Taken]] = defaultdict(list)
    for one in stage.taken:
        groups[getattr(one, kind)].append(one)
    return {name: _side(groups[name], stage.tokens) for name in groups}


def _side(taken: Iterable[Taken], total: int) -> Side:
    mine = list(taken)
    tokens, whole = sum(one.tokens for one in mine), sum(one.pool_tokens for one in mine)
    return Side(
        tokens,
        ratio(tokens, total),
        ratio(tokens, whole),
        ratio(sum(one.end_token for one in mine), whole),
    )
