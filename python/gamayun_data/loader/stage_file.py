"""The manifest of a stage, found and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gamayun_data import manifests, receipts
from gamayun_data.errors import ConfigError, FormatError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class StageFile:
    """A manifest, and the folder of the run that its paths begin in."""

    path: Path
    run: Path
    manifest: dict[str, Any]

    @staticmethod
    def find(source: str | Path, stage: str | None) -> StageFile:
        """Find a stage's manifest: `source` is it, or the run that has it."""
        path = Path(source)
        return StageFile.read(_in_run(path, stage) if path.is_dir() else path, stage)

    @staticmethod
    def read(path: Path, stage: str | None) -> StageFile:
        """Read a manifest, which is that of `stage` if one is named."""
        manifest = manifests.read(path)
        name = manifest["stage"]["name"]
        if stage not in {None, name}:
            raise ConfigError(
                f"{path}: it is of stage `{name}`, not of `{stage}`", parameter="stage"
            )
        if receipts.identity_of(manifest) != manifest["id"]:
            raise IntegrityError(f"{path}: its id is not that of its content", path=path)
        if manifest["order"] != manifests.ORDER:
            raise FormatError(
                f"{path}: order {manifest['order']}, expected {manifests.ORDER}", path=path
            )
        return StageFile(path, path.absolute().parent.parent, manifest)

    def validation(self, length: int, overlap: int) -> StageFile:
        """The validation pools as a stage of their own: every whole sample of each, once."""
        rows = [
            {**pool, "samples": max(0, pool["available"]["tokens"] - overlap) // length}
            for pool in self.manifest["validation"]
        ]
        name, count = self.manifest["stage"]["name"], sum(row["samples"] for row in rows)
        if not count:
            raise ConfigError(
                f"{self.path}: no pool of the validation set has {length} tokens",
                parameter="validation",
            )
        stage = {"name": f"{name}/validation", "sequence_length": length, "samples": count}
        pools = [{**row, "start_token": 0, "end_token": row["samples"] * length} for row in rows]
        derived = {**self.manifest, "stage": stage, "pools": pools, "golden": []}
        return StageFile(self.path, self.run, derived)

    @property
    def shards(self) -> tuple[str, ...]:
        """The payloads of all pools, as paths in the run."""
        return tuple(shard["bin"] for pool in self.manifest["pools"] for shard in pool["shards"])


def _in_run(run: Path, stage: str | None) -> Path:
    """The manifest of a stage in a run; of the only one if none is named."""
    known = [path.stem for path in (run / "manifests").glob("*.json")]
    return run / "manifests" / f"{meant(run, known, stage)}.json"


def meant(run: object, known: Iterable[str], stage: str | None) -> str:
    """Which of the stages that are built is meant: the one named, or the only one."""
    names = sorted(known)
    if not names:
        raise ConfigError(f"{run}: no stage has been built there (manifests/ is empty)")
    if stage is None and len(names) == 1:
        return names[0]
    if stage not in names:
        raise ConfigError(
            f"{run}: stage: expected one of {', '.join(names)}, found {stage}", parameter="stage"
        )
    return stage
