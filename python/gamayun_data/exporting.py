"""Shards for other trainers: a folder that appears whole, with a record of what is in it."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, export_card, export_croissant
from gamayun_data.directory import tool
from gamayun_data.errors import ConfigError
from gamayun_data.export_formats import ExportFormat, format_of
from gamayun_data.export_parts import VALIDATION, Asked, ExportedFile, ExportedStage
from gamayun_data.export_sources import read_sources
from gamayun_data.loader.stage_file import StageFile
from gamayun_data.receipts import write_atomic, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gamayun_data.progress import Progress

SCHEMA: Final = "gamayun-data/export"
VERSION: Final = 1
RECORD: Final = "export.json"
COUNTING: Final = {
    "documents": "whole documents whose first token the stage reads, once an epoch",
    "tokens": "stored tokens, the end of each document included",
}
NOTES: Final = {
    "shares": "the trainer orders documents itself: shares are ours, the order is its own",
    "exact": "samples lie in the order of the stage (docs/order.md)",
}


@dataclass(frozen=True, slots=True)
class ShardExport:
    """What was exported, and where it lies."""

    path: Path
    format: str
    order: str
    stages: tuple[ExportedStage, ...]
    files: tuple[ExportedFile, ...]
    notes: tuple[str, ...]

    def summary(self) -> dict[str, Any]:
        """What `export.json` says of stages, files and notes."""
        return {
            "path": str(self.path),
            "format": self.format,
            "order": self.order,
            "stages": [_stage(stage) for stage in self.stages],
            "files": len(self.files),
            "bytes": sum(file.bytes for file in self.files),
            "linked_bytes": sum(file.bytes for file in self.files if file.origin == "linked"),
            "notes": list(self.notes),
        }


def export_shards(
    run: str | Path,
    output: str | Path,
    *,
    format: str,
    stage: str | None = None,
    copy: bool = False,
    by_sample: bool = False,
    root: str | None = None,
    batch_size: int = 1,
    progress: Progress | None = None,
) -> ShardExport:
    """Write the stages of a run, or one of them, as another trainer reads them.

    Payloads are linked where they can be, and copied with `copy`. `by_sample` asks for a row a
    sample, in the exact order, of a format that has rows for documents too (`parquet`). `root` is
    where trainers will find the folder `output`: every path in side files begins with it (`.`:
    paths are relative). `batch_size`: samples a step, for formats whose stages begin at a step.
    `output` appears whole or not at all. `ConfigError` for what the format cannot hold or an
    `output` that is there, `IntegrityError` where counts differ from the manifests.
    """
    run, output = Path(run), Path(output)
    wanted = format_of(format, by_sample=by_sample)
    manifests = _manifests(run, stage)
    if batch_size < 1:
        raise ConfigError(f"batch_size: expected 1 or more, found {batch_size}")
    with _appearing(output) as folder:
        place = os.fspath(output.absolute()) if root is None else root.rstrip("/") or "/"
        asked = Asked(run, folder, place, copy, batch_size, progress)
        stages, paths = wanted.write(asked, manifests)
        paths += _tokenizer(asked, manifests[0])
        parts = (part for one in stages for pool in one.pools for part in pool.parts)
        files = [file for part in parts for file in part.files]
        files += [file for one in stages for file in one.files]
        files += [_written(folder, path) for path in paths]
        files.sort(key=lambda file: file.path)
        files += _described(asked, wanted, stages, files, manifests)
        made = ShardExport(
            output,
            format,
            wanted.order,
            tuple(stages),
            tuple(files),
            _notes(asked, wanted, stages, files),
        )
        write_json(folder / RECORD, _record(made, manifests))
    return made


def _manifests(run: Path, stage: str | None) -> list[dict[str, Any]]:
    """The manifests of all stages in their order, or of one, checked."""
    if stage is not None:
        return [StageFile.find(run, stage).manifest]
    names = [path.stem for path in (run / "manifests").glob("*.json")]
    found = [StageFile.find(run, name).manifest for name in sorted(names)]
    if not found:
        raise ConfigError(f"{run}: no stage has been built there (manifests/ is empty)")
    return sorted(found, key=lambda one: (one["stage"]["index"], one["stage"]["name"]))


@contextmanager
def _appearing(output: Path) -> Iterator[Path]:
    """A folder beside `output` that gets its name when everything is in it."""
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise ConfigError(f"{output}: is there already; name another, or remove it", path=output)
    folder = output.absolute().with_name(f".{output.name}.tmp")
    shutil.rmtree(folder, ignore_errors=True)  # what a killed one left
    folder.mkdir(parents=True)
    try:
        yield folder
        folder.replace(output)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _tokenizer(asked: Asked, manifest: Mapping[str, Any]) -> list[str]:
    """The tokenizer beside the tokens, as the run has it."""
    source = asked.run / manifest["tokenizer"].get("file", "shards/tokenizer.json")
    if not source.exists():
        return []
    target = asked.folder / "tokenizer" / "tokenizer.json"
    target.parent.mkdir()
    shutil.copyfile(source, target)
    return ["tokenizer/tokenizer.json"]


def _described(
    asked: Asked,
    wanted: ExportFormat,
    stages: Sequence[ExportedStage],
    files: Sequence[ExportedFile],
    manifests: Sequence[Mapping[str, Any]],
) -> list[ExportedFile]:
    """Write the card, the priors and the metadata, which describe the other files."""
    sources = read_sources(asked.run, manifests)
    name = "-".join([*(one["stage"]["name"] for one in manifests), wanted.name])
    facts = (name, wanted.name, wanted.order, stages)
    write_atomic(asked.folder / "README.md", export_card.card(*facts, sources))
    write_atomic(asked.folder / "priors.yaml", export_card.priors(sources))
    described = export_croissant.croissant(*facts, files, sources)
    write_json(asked.folder / "croissant.json", described)
    return [_written(asked.folder, path) for path in ("README.md", "croissant.json", "priors.yaml")]


def _written(folder: Path, path: str) -> ExportedFile:
    size = (folder / path).stat().st_size
    return ExportedFile(path, size, _core.file_sha256(folder / path), "written")


def _notes(
    asked: Asked,
    wanted: ExportFormat,
    stages: Sequence[ExportedStage],
    files: Sequence[ExportedFile],
) -> tuple[str, ...]:
    notes = [NOTES[wanted.order]]
    for stage in stages:
        if inside := stage.inside():
            pools = ", ".join(f"{pool.name} ({pool.stage_tokens:,} tokens)" for pool in inside)
            notes.append(
                f"stage {stage.name} begins no document of {pools}: it reads the inside of some "
                "that an earlier stage begins, and they are whole there"
            )
    copied = sum(file.origin == "copied" for file in files)
    if copied and not asked.copy:
        notes.append(f"{copied} payloads were copied: they cannot be linked from {asked.run.name}")
    return tuple(notes)


def _record(made: ShardExport, manifests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "tool": tool(),
        "format": made.format,
        "order": made.order,
        "notes": list(made.notes),
        "counting": COUNTING,
        "tokenizer": manifests[0]["tokenizer"],
        "manifests": {one["stage"]["name"]: one["id"] for one in manifests},
        "stages": [_stage(stage) for stage in made.stages],
        "files": [asdict(file) for file in made.files],
    }


def _stage(stage: ExportedStage) -> dict[str, Any]:
    """A stage's counts; of the validation set there are no samples."""
    return {
        "name": stage.name,
        "sequence_length": stage.sequence_length,
        "samples": stage.samples,
        "stage_tokens": stage.tokens,
        "documents": sum(pool.documents for pool in stage.pools),
        "tokens": sum(pool.tokens for pool in stage.pools),
        "pools": [
            {
                "name": pool.name,
                "language": pool.language,
                "domain": pool.domain,
                "share": pool.stage_tokens / stage.tokens if stage.name != VALIDATION else None,
                "samples": pool.samples,
                "stage_tokens": pool.stage_tokens,
                "documents": pool.documents,
                "tokens": pool.tokens,
            }
            for pool in stage.pools
        ],
    }
