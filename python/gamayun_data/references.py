"""Earlier runs that documents are compared with: finished runs, and indexes of what they kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core
from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.receipts import read_receipt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gamayun_data.recipe import Dedup, Recipe

INDEX: Final = "index.json"
LIST: Final = "against.parquet"
SAME: Final = ("bands", "rows", "shingle")
"""What must be equal for keys to be comparable."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A finished run or an index: `name` as its user wrote it; `identity` changes with it."""

    name: str
    kind: str
    identity: str

    @property
    def said(self) -> dict[str, str]:
        """The reference as provenance lists it."""
        return {"path": self.name, "kind": self.kind, "identity": self.identity}


def is_index(path: Path) -> bool:
    """Whether an index is there."""
    return (path / INDEX).is_file()


def identity_of(path: Path) -> str:
    """What an index or a finished run is made from; `ConfigError` if neither is there."""
    if is_index(path):
        return hashlib.sha256((path / INDEX).read_bytes()).hexdigest()
    selected = read_receipt(path, "select") if path.is_dir() else None
    if selected is None:
        raise ConfigError(f"{path}: neither a finished run nor an index", path=path)
    return selected.identity


def find(asked: Recipe) -> list[Reference]:
    """The references of a recipe, by name: the order in which they are given changes nothing."""
    return [
        Reference(name, "index" if is_index(Path(name)) else "run", identity_of(Path(name)))
        for name in sorted(asked.dedup.against)
    ]


def check(run: Path, asked: Recipe) -> None:
    """Refuse references that are not there or were made in another way, before any work."""
    if asked.dedup.against and asked.dedup.compare == "none":
        raise ConfigError("against: no documents are compared; ask for the level exact or near")
    for reference in find(asked):
        path = Path(reference.name)
        if path.absolute() == run.absolute():
            raise ConfigError(f"against: {path}: a run cannot be compared with itself", path=path)
        _same(path, asked.dedup, _made_with(path))


def _same(path: Path, asked: Dedup, made: Mapping[str, Any]) -> None:
    said = _signed(asdict(asked))
    for key in SAME:
        here, there = said[key], made[key]
        if here != there:
            raise ConfigError(
                f"against: {path}: its {key} is {there}, and {here} in this run: "
                "only signatures made in one way can be compared",
                parameter=f"dedup.{key}",
                path=path,
            )


def _made_with(path: Path) -> Mapping[str, Any]:
    """How the signatures of a reference were made."""
    if is_index(path):
        index: dict[str, Any] = json.loads(_core.read_index(path))
        return index
    record = path / "run.json"
    try:
        made: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))["curation"]["dedup"]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{record}: not the record of a run: {error!r}", path=record) from error
    return _signed(made)


def _signed(dedup: Mapping[str, Any]) -> Mapping[str, Any]:
    """Only near-duplicates need bands."""
    return dedup if dedup["compare"] == "near" else {**dedup, "bands": 0}


def write_list(run: Path, references: Sequence[Reference]) -> None:
    """Write `RUN/against.parquet`: every document that a reference has too, and the proof.

    Columns: `doc_id` and `old_doc_id` (32 hexadecimal digits); `source` and `id` of the document,
    `old_source` and `old_id` of the earlier one (`id` is the user's, null if there was none);
    `reference`, `measure` (`exact`, `jaccard` or `containment`) and `similarity`. By `doc_id`.
    """
    path = run / LIST
    if not references:
        path.unlink(missing_ok=True)
        return
    import polars as pl

    parts = sorted((run / "against").glob("part-*.parquet"))
    if not parts:
        path.unlink(missing_ok=True)
        return
    names = ("doc_id", "old_doc_id")
    ids = [pl.col(name).cast(pl.Binary).bin.encode("hex") for name in names]
    table = pl.scan_parquet(parts).with_columns(ids).sort("doc_id")
    partial = run / f"{LIST}.tmp"
    table.collect(engine="streaming").write_parquet(partial)
    partial.replace(path)
