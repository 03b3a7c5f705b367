"""What an export is made of: files, parts of pools, pools of stages; and how pools are exported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core
from gamayun_data.errors import ConfigError, IntegrityError
from gamayun_data.steps import heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gamayun_data.progress import Progress

VALIDATION: Final = "validation"
"""Folder of the pools that were held out of all stages, whose names begin with it."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export, by its path in it; `origin` is linked, copied, cut or written."""

    path: str
    bytes: int
    sha256: str
    origin: str


@dataclass(frozen=True, slots=True)
class ExportedPart:
    """A payload with its side files; `path` is that of all of them without extensions."""

    path: str
    documents: int
    tokens: int
    files: tuple[ExportedFile, ...]


@dataclass(frozen=True, slots=True)
class ExportedPool:
    """What an export has of a pool in a stage; of the validation set, all of it."""

    name: str
    language: str
    domain: str
    samples: int
    stage_tokens: int
    """Tokens that the stage reads, its documents cut where it begins and ends."""
    documents: int
    tokens: int
    parts: tuple[ExportedPart, ...]

    def weights(self) -> Iterator[tuple[float, str]]:
        """The pool's tokens in the stage, dealt to its parts by their tokens, and their paths."""
        for part in self.parts:
            yield self.stage_tokens * part.tokens / self.tokens, part.path


@dataclass(frozen=True, slots=True)
class ExportedStage:
    """A stage, or the validation set, in an export."""

    name: str
    sequence_length: int
    samples: int
    seed: int
    width: int
    """Bytes of a token id."""
    pools: tuple[ExportedPool, ...]
    files: tuple[ExportedFile, ...] = ()
    """Files that belong to no pool: those of samples."""
    side_files: tuple[str, ...] = ()
    """Paths in the export of what describes them."""

    @property
    def tokens(self) -> int:
        """Tokens that the stage reads."""
        return sum(pool.stage_tokens for pool in self.pools)

    def shares(self) -> Iterator[tuple[ExportedPool, float]]:
        """The pools that have documents, and their shares of what the stage reads of them all."""
        held = [pool for pool in self.pools if pool.documents]
        total = sum(pool.stage_tokens for pool in held)
        return ((pool, pool.stage_tokens / total) for pool in held)

    def inside(self) -> tuple[ExportedPool, ...]:
        """The pools of which the stage reads the inside of documents that it does not begin."""
        return tuple(pool for pool in self.pools if pool.tokens == 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of an export, and where it is written before it has its name."""

    run: Path
    folder: Path
    root: str
    """Where trainers will find the export: begins every path in its side files."""
    copy: bool
    batch_size: int
    progress: Progress | None

    def place(self, path: str) -> str:
        """A path in the export as a trainer is told it."""
        return path if self.root == "." else f"{self.root}/{path}"

    def exported(self, file: tuple[Path, int, str, str]) -> ExportedFile:
        """A file as the core tells of it."""
        path, size, sha256, origin = file
        return ExportedFile(Path(path).relative_to(self.folder).as_posix(), size, sha256, origin)


def export_stage(
    asked: Asked,
    format: str,
    manifest: Mapping[str, Any],
    recount: Callable[[Path, ExportedPart], tuple[int, int]],
) -> ExportedStage:
    """Write the documents that a stage begins, pool by pool, and count them again."""
    name = refuse_validation(manifest["stage"]["name"])
    pools = [
        _pool(asked, format, manifest, row, f"{name}/{row['name']}", recount)
        for row in manifest["pools"]
        if row["samples"]
    ]
    stage = manifest["stage"]
    if not any(pool.documents for pool in pools):
        raise ConfigError(
            f"stage {name}: no document begins in what it reads; expected a format of samples",
            parameter="format",
        )
    length, samples = stage["sequence_length"], stage["samples"]
    return _stage(name, length, samples, manifest, pools)


def refuse_validation(stage: str) -> str:
    """A stage of that name would lie where the validation set does: `ConfigError`."""
    if stage == VALIDATION:
        raise ConfigError(f"a stage called {stage} would lie where the validation set does")
    return stage


def export_validation(
    asked: Asked,
    format: str,
    manifest: Mapping[str, Any],
    recount: Callable[[Path, ExportedPart], tuple[int, int]],
) -> ExportedStage:
    """Write all documents of the pools that were held out."""
    rows = [
        {**row, "start_token": 0, "end_token": row["available"]["tokens"], "samples": 0}
        for row in manifest[VALIDATION]
        if row["available"]["tokens"]
    ]
    pools = [_pool(asked, format, manifest, row, row["name"], recount) for row in rows]
    return _stage(VALIDATION, manifest["stage"]["sequence_length"], 0, manifest, pools)


def _stage(
    name: str, length: int, samples: int, manifest: Mapping[str, Any], pools: list[ExportedPool]
) -> ExportedStage:
    width = 2 if manifest["tokenizer"]["vocab_size"] <= 1 << 16 else 4
    return ExportedStage(name, length, samples, manifest["seed"], width, tuple(pools))


def _pool(
    asked: Asked,
    format: str,
    manifest: Mapping[str, Any],
    row: Mapping[str, Any],
    folder: str,
    recount: Callable[[Path, ExportedPart], tuple[int, int]],
) -> ExportedPool:
    shards = [
        (asked.run / shard["bin"], shard["tokens"], shard["bin_sha256"]) for shard in row["shards"]
    ]
    written = _core.export_pool(
        format,
        (row["name"], row["start_token"], row["end_token"], shards),
        seed=manifest["seed"],
        tokenizer_sha256=manifest["tokenizer"]["sha256"],
        folder=asked.folder / folder,
        copy=asked.copy,
        on_progress=heard(asked.progress, folder),
    )
    parts = tuple(
        ExportedPart(f"{folder}/{name}", documents, tokens, tuple(map(asked.exported, files)))
        for name, documents, tokens, files in written
    )
    _check(asked, row, parts, recount)
    return ExportedPool(
        name=row["name"],
        language=row.get("language", ""),
        domain=row.get("domain", ""),
        samples=row["samples"],
        stage_tokens=row["end_token"] - row["start_token"],
        documents=sum(part.documents for part in parts),
        tokens=sum(part.tokens for part in parts),
        parts=parts,
    )


def _check(
    asked: Asked,
    row: Mapping[str, Any],
    parts: tuple[ExportedPart, ...],
    recount: Callable[[Path, ExportedPart], tuple[int, int]],
) -> None:
    """Count again in what was written; the documents must be those that the manifest counts."""
    for part in parts:
        path = asked.folder / part.path
        found = recount(path, part)
        if found != (part.documents, part.tokens):
            raise IntegrityError(
                f"{path}: {found[0]} documents of {found[1]} tokens, expected {part.documents} of "
                f"{part.tokens}",
                path=path,
            )
    documents = sum(part.documents for part in parts)
    held = row["available"] if not row["samples"] else row
    promised = held.get("documents")
    if promised is not None and documents != promised:
        raise IntegrityError(
            f"pool {row['name']}: {documents} documents begin in the stage, the manifest counts "
            f"{promised}",
        )
