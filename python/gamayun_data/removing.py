"""`shards remove`: takes documents out of selection and shards, and says it in every record.

What is to change is written beside the run first and listed in a journal; from then on the removal
is carried through, if need be by the next call. Before the journal is there, nothing has changed.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, directory, removed_documents, removed_stages
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import identify, read_receipt, write_json
from gamayun_data.removed_documents import Gone, IdSet, Request
from gamayun_data.steps import Limits, heard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gamayun_data.progress import Progress
    from gamayun_data.removed_stages import ChangedStage

STAGING: Final = "removing"
JOURNAL: Final = "journal.json"
LEDGER: Final = "removed"


@dataclass(frozen=True, slots=True)
class ChangedShard:
    """A shard that loses documents, with tokens and bytes of them, repeats included."""

    pool: str
    shard: str
    documents: int
    tokens: int
    bytes: int


@dataclass(frozen=True, slots=True)
class DocumentRemoval:
    """What goes, or would go: documents of the selection, and what they take in the shards.

    `unknown` are ids and sources that no document has. `stages` tells what each stage loses; it is
    empty before the removal is `done`. `revision` counts the removals of the run.
    """

    run: str
    done: bool
    revision: int
    documents: int
    bytes: int
    sources: dict[str, int]
    shards: tuple[ChangedShard, ...]
    unknown: tuple[str, ...] = ()
    stages: tuple[ChangedStage, ...] = ()
    withdrawn: tuple[str, ...] = ()


def remove_documents(
    run: str | Path,
    *,
    domains: Sequence[str] = (),
    ids: Sequence[str] = (),
    sources: Sequence[str] = (),
    apply: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> DocumentRemoval:
    """Tell which shards have documents of these hosts, ids or sources; with `apply`, remove them.

    Shards without any stay as they are, byte for byte. Stages keep their order and lose the samples
    that their pools lost; appended stages are withdrawn. A removal that was cut off is carried
    through first. Raises `ConfigError` where there are no shards.
    """
    run = Path(run)
    asked = Request(tuple(domains), tuple(ids), tuple(sources))
    with directory.locked(run):
        if (run / STAGING / JOURNAL).exists():
            _carry_through(run)
        found, unknown = removed_documents.find(run, asked)
        pools = _pools(run)
        gone = [one for mine in found.values() for one in mine]
        chosen = IdSet([one.id for one in gone])
        shards = tuple(
            ChangedShard(*row) for row in removed_documents.in_shards(run, pools, chosen)
        )
        result = DocumentRemoval(
            run=str(run),
            done=False,
            revision=len(_ledger(run)),
            documents=len(gone),
            bytes=sum(one.bytes for one in gone),
            sources=_by_source(gone),
            shards=shards,
            unknown=unknown,
        )
        if not (apply and gone):
            return result
        limits = Limits.of(threads, None)
        _stage(run, asked, found, result, chosen, limits, progress)
        stages, withdrawn = _carry_through(run)
    done = asdict(result) | {"done": True, "revision": result.revision + 1, "shards": shards}
    return DocumentRemoval(**done | {"stages": stages, "withdrawn": withdrawn})


def _pools(run: Path) -> list[dict[str, Any]]:
    built = read_receipt(run, "build")
    if built is None or not (run / "manifests").is_dir():
        raise ConfigError(f"{run}: no shards are there to remove from", path=run)
    pools: list[dict[str, Any]] = built.counts["pools"]
    return pools


def _ledger(run: Path) -> list[Path]:
    return sorted((run / LEDGER).glob("[0-9]*.json"))


def _by_source(gone: Sequence[Gone]) -> dict[str, int]:
    names = sorted({one.source for one in gone})
    return {name: sum(one.source == name for one in gone) for name in names}


# --- before the journal: beside the run --------------------------------------------------------


def _stage(
    run: Path,
    asked: Request,
    found: dict[Path, list[Gone]],
    result: DocumentRemoval,
    chosen: IdSet,
    limits: Limits,
    progress: Progress | None,
) -> None:
    """Write what is new beside the run, with what stood before, and the journal last."""
    there = run / STAGING
    shutil.rmtree(there, ignore_errors=True)
    for name in ("selection", "before/manifests", "before/steps"):
        (there / name).mkdir(parents=True)
    for name in ("manifests", "steps"):
        for path in (run / name).glob("*.json"):
            shutil.copyfile(path, there / "before" / name / path.name)
    shutil.copyfile(run / "provenance.json", there / "before" / "provenance.json")
    tables = [(path, there / "selection" / path.name) for path in found]
    _core.rewrite_selection(
        tables, chosen.raw, threads=limits.threads, on_progress=heard(progress, "selection")
    )
    indices = [Path("shards", one.pool, one.shard).with_suffix(".gdx") for one in result.shards]
    for index in indices:
        (there / index.parent).mkdir(parents=True, exist_ok=True)
    receipts = json.loads(
        _core.rewrite_shards(
            [(run / index, (there / index).with_suffix("")) for index in indices],
            chosen.raw,
            threads=limits.threads,
            on_progress=heard(progress, "shards"),
        )
    )
    gone = [one for mine in found.values() for one in mine]
    journal = {
        "revision": result.revision + 1,
        "request": asdict(asked),
        "documents": sorted(one.id.hex() for one in gone),
        "lost": _lost(gone, result),
        "gaps": removed_documents.gaps(run, _pools(run), chosen),
        "tables": [path.name for path in found],
        "shards": {str(index): receipt for index, receipt in zip(indices, receipts, strict=True)},
    }
    write_json(there / JOURNAL, journal)


def _lost(gone: Sequence[Gone], result: DocumentRemoval) -> dict[str, int]:
    """What the selection and the shards lose."""
    return {
        "documents": len(gone),
        "bytes": sum(one.bytes for one in gone),
        "copies": sum(one.copies for one in gone),
        "copied_bytes": sum(one.copies * one.bytes for one in gone),
        "tokens": sum(one.tokens for one in result.shards),
    }


# --- after it: carried through -----------------------------------------------------------------


def _carry_through(run: Path) -> tuple[tuple[ChangedStage, ...], tuple[str, ...]]:
    """Bring everything to its place and settle the records; what is done already is left."""
    there = run / STAGING
    journal = json.loads((there / JOURNAL).read_text(encoding="utf-8"))
    for name in journal["tables"]:
        _move(there / "selection" / name, run / "selection" / name)
    for index, receipt in journal["shards"].items():
        for suffix in (".bin", ".gdx"):
            path = Path(index).with_suffix(suffix)
            if receipt is None:
                (run / path).unlink(missing_ok=True)
            else:
                _move(there / path, run / path)
    before = there / "before"
    _settle_receipts(run, before, journal)
    settled = removed_stages.settle(run, before, journal)
    number = f"{journal['revision']:04}"
    (run / LEDGER / number).mkdir(parents=True, exist_ok=True)
    for path in (before / "manifests").glob("*.json"):
        shutil.copyfile(path, run / LEDGER / number / path.name)
    facts = {key: journal[key] for key in ("revision", "request", "lost", "documents")}
    write_json(run / LEDGER / f"{number}.json", facts)
    shutil.rmtree(there)
    return settled


def _move(path: Path, to: Path) -> None:
    if path.exists():
        path.replace(to)


def _settle_receipts(run: Path, before: Path, journal: dict[str, Any]) -> None:
    """The receipts of the selection and of the shards say what is there now."""
    lost = journal["lost"]
    selected = json.loads((before / "steps" / "select.json").read_text(encoding="utf-8"))
    selected["identity"] = identify(before=selected["identity"], removed=journal["documents"])
    counts = selected["counts"]
    counts["documents"] -= lost["documents"]
    counts["bytes"] -= lost["bytes"]
    counts["pools"] = _selected_pools(run, counts["pools"])
    write_json(run / "steps" / "select.json", selected)
    built = json.loads((before / "steps" / "build.json").read_text(encoding="utf-8"))
    for pool in built["counts"]["pools"]:
        rows = []
        for row in pool["shards"]:
            index = str(Path("shards", pool["folder"], row["gdx"]))
            now = journal["shards"].get(index, row)
            rows += [now] if now else []
        pool["shards"] = rows
    shards = [row for pool in built["counts"]["pools"] for row in pool["shards"]]
    built["counts"]["documents"] = sum(row["documents"] for row in shards)
    write_json(run / "steps" / "build.json", built)


def _selected_pools(run: Path, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each pool of the selection has now."""
    import polars as pl

    keys = ["language", "domain", "split"]
    copied = pl.col("copies").cast(pl.UInt64) * pl.col("bytes")
    now = (
        pl.scan_parquet(sorted((run / "selection").glob("part-*.parquet")))
        .group_by(keys)
        .agg(
            documents=pl.len(),
            bytes=pl.col("bytes").sum(),
            copies=pl.col("copies").cast(pl.UInt64).sum(),
            copied_bytes=copied.sum(),
            words=pl.col("words").sum(),
        )
        .collect()
    )
    counts = {tuple(row[key] for key in keys): row for row in now.iter_rows(named=True)}
    return [
        {**pool, **counts[place]}
        for pool in before
        if (place := tuple(pool[key] for key in keys)) in counts
    ]
