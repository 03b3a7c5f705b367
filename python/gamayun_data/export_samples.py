"""Exports of samples: copies in the exact order of a stage, proved by its golden samples."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gamayun_data import _core, manifests
from gamayun_data.errors import IntegrityError
from gamayun_data.export_parts import (
    VALIDATION,
    Asked,
    ExportedFile,
    ExportedPool,
    ExportedStage,
    refuse_validation,
)
from gamayun_data.loader.stage_file import StageFile
from gamayun_data.steps import heard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file of samples: the first of the stage in it, and how many."""

    file: ExportedFile
    first: int
    samples: int


@dataclass(frozen=True, slots=True)
class Written:
    """The samples of a stage in files, in their order."""

    folder: Path
    length: int
    """Tokens of a sample."""
    width: int
    """Bytes of a token id."""
    files: tuple[SampleFile, ...]

    @property
    def sample_bytes(self) -> int:
        """Bytes of a sample's tokens."""
        return self.length * self.width

    def path(self, file: SampleFile) -> Path:
        """Where a file lies."""
        return self.folder / file.file.path.rpartition("/")[2]


def export(
    asked: Asked,
    format: str,
    manifest: Mapping[str, Any],
    read: Callable[[Written, SampleFile, int], bytes],
    describe: Callable[[Written], Mapping[str, str]],
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> ExportedStage:
    """Write a stage's samples, describe them, and read its golden samples back."""
    stage = manifest["stage"]
    name = VALIDATION if rows is not None else refuse_validation(stage["name"])
    reader = manifests.reader(asked.run, manifest)
    folder = asked.folder / name
    files, first = [], 0
    pools = [row["name"] for row in manifest["pools"]]
    for file, samples in _core.export_samples(
        format, reader, pools=pools, folder=folder, on_progress=heard(asked.progress, name)
    ):
        files.append(SampleFile(asked.exported(file), first, samples))
        first += samples
    written = Written(folder, stage["sequence_length"], reader.width, tuple(files))
    described = []
    for side, text in describe(written).items():
        (folder / side).write_text(text, encoding="utf-8")
        described.append(f"{name}/{side}")
    _prove(written, manifest, read)
    return ExportedStage(
        name=name,
        sequence_length=stage["sequence_length"],
        samples=stage["samples"],
        seed=manifest["seed"],
        width=reader.width,
        pools=tuple(_pool(row) for row in manifest["pools"] if row["samples"]),
        files=tuple(one.file for one in files),
        side_files=tuple(described),
    )


def export_validation(
    asked: Asked,
    format: str,
    manifest: Mapping[str, Any],
    read: Callable[[Written, SampleFile, int], bytes],
    describe: Callable[[Written], Mapping[str, str]],
) -> ExportedStage | None:
    """The whole samples of the pools that were held out; `None` if there is none."""
    length = manifest["stage"]["sequence_length"]
    if not any(row["available"]["tokens"] >= length for row in manifest[VALIDATION]):
        return None
    path = asked.run / "manifests" / f"{manifest['stage']['name']}.json"
    held_out = StageFile(path, asked.run, dict(manifest)).validation(length, 0)
    return export(asked, format, held_out.manifest, read, describe, held_out.manifest["pools"])


def _pool(row: Mapping[str, Any]) -> ExportedPool:
    tokens = row["end_token"] - row["start_token"]
    return ExportedPool(
        name=row["name"],
        language=row.get("language", ""),
        domain=row.get("domain", ""),
        samples=row["samples"],
        stage_tokens=tokens,
        documents=row.get("documents", 0),
        tokens=tokens,
        parts=(),
    )


def _prove(
    written: Written,
    manifest: Mapping[str, Any],
    read: Callable[[Written, SampleFile, int], bytes],
) -> None:
    """Samples must be as many as the stage has, and the golden ones in their places."""
    count = sum(file.samples for file in written.files)
    if count != manifest["stage"]["samples"]:
        raise IntegrityError(
            f"{written.folder}: {count} samples, expected {manifest['stage']['samples']}",
            path=written.folder,
        )
    for golden in manifest["golden"]:
        number = golden["sample"]
        file = next(one for one in reversed(written.files) if one.first <= number)
        data = read(written, file, number - file.first)
        if hashlib.sha256(data).hexdigest() != golden["sha256"]:
            raise IntegrityError(
                f"{written.path(file)}: sample {number} is not the golden one of the manifest",
                path=written.path(file),
            )
