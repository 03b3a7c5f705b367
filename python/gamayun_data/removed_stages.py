"""Stages after documents were removed: the same order over what is left, cursors that follow on."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gamayun_data import facts, manifests, order, provenance, shards
from gamayun_data.planned import ratio
from gamayun_data.receipts import read_receipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ChangedStage:
    """A stage before and after a removal: its samples, tokens and the ids of its manifests."""

    stage: str
    samples_before: int
    samples: int
    tokens_before: int
    tokens: int
    manifest_before: str
    manifest: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where documents were removed from the tokens of a pool: starts and lengths, rising."""

    pool: str
    seed: int
    tokens: int
    starts: np.ndarray[Any, np.dtype[np.int64]]
    lengths: np.ndarray[Any, np.dtype[np.int64]]

    @property
    def left(self) -> int:
        """Tokens of the pool that are left."""
        return self.tokens - int(self.lengths.sum())

    def moved(self, token: int) -> int:
        """Where a cursor of the pool's stream stands once the documents are gone.

        Exact in the first epoch; in later ones, whose order is another then, it is the tokens that
        were left to be read before it, up to pieces that a document crosses.
        """
        if not len(self.starts) or not self.tokens:
            return token
        epoch, rest = divmod(token, self.tokens)
        when = order.places_in_epoch(self.seed, self.pool, self.tokens, epoch, self.starts)
        before = np.clip(rest - when, 0, self.lengths)
        return epoch * self.left + rest - int(before.sum())


def settle(
    run: Path, before: Path, journal: Mapping[str, Any]
) -> tuple[tuple[ChangedStage, ...], tuple[str, ...]]:
    """Write the manifests anew from what stood before; the changed stages, and the withdrawn."""
    read = [manifests.read(path) for path in sorted((before / "manifests").glob("*.json"))]
    planned = [one for one in read if one.get("after") is None]
    planned.sort(key=lambda one: one["stage"]["index"])
    withdrawn = tuple(one["stage"]["name"] for one in read if one.get("after") is not None)
    for name in withdrawn:
        (run / "manifests" / f"{name}.json").unlink(missing_ok=True)
    _provenance(run, before, journal)
    pools = _Pools(run, journal)
    changed = [_stage(run, one, pools, journal) for one in planned]
    provenance.name_manifests(run)
    return tuple(changed), withdrawn


def _provenance(run: Path, before: Path, journal: Mapping[str, Any]) -> None:
    """What was removed is a part of the way from the records to the shards."""
    found = json.loads((before / provenance.FILE).read_text(encoding="utf-8"))
    counts = found["counts"]
    gone = counts.get("removed", {})
    lost = {key: gone.get(key, 0) + count for key, count in journal["lost"].items()}
    counts["removed"] = lost
    built, selected = read_receipt(run, "build"), read_receipt(run, "select")
    if built is not None and selected is not None:
        rows = [shard for pool in built.counts["pools"] for shard in pool["shards"]]
        counts["shards"] = {key: sum(row[key] for row in rows) for key in counts["shards"]}
        found["steps"]["select"] = selected.identity
    provenance.rewrite(run, found)


class _Pools:
    """The pools as they are now, and how cursors move."""

    def __init__(self, run: Path, journal: Mapping[str, Any]) -> None:
        built = read_receipt(run, "build")
        self.built = [] if built is None else built.counts["pools"]
        self.by_name = {pool["folder"]: pool for pool in self.built}
        self.licences = {one["name"]: one["licence"] for one in provenance.read(run)["sources"]}
        self.gaps = journal["gaps"]
        self.opened = {
            name: [shards.open_shard(run / "shards" / name / row["gdx"]) for row in pool["shards"]]
            for name, pool in self.by_name.items()
        }
        self.cursors: dict[str, int] = {}

    def gaps_of(self, seed: int, name: str, tokens: int) -> Gaps:
        found = np.array(self.gaps.get(name, []), np.int64).reshape(-1, 2)
        return Gaps(name, seed, tokens, found[:, 0], found[:, 1])

    def holds(self, name: str) -> dict[str, Any]:
        """What a pool has, in the words of a manifest."""
        rows, folder = self.by_name[name]["shards"], f"shards/{name}"
        sources = facts.documents_by_source(self.opened[name])
        return {
            "available": {
                key: sum(row[key] for row in rows) for key in ("documents", "tokens", "bytes")
            },
            "shards": [
                {**row, "bin": f"{folder}/{row['bin']}", "gdx": f"{folder}/{row['gdx']}"}
                for row in rows
            ],
            "sources": sources,
            "licences": facts.licences(sources, self.licences),
        }


def _stage(
    run: Path, before: Mapping[str, Any], pools: _Pools, journal: Mapping[str, Any]
) -> ChangedStage:
    """The manifest of a stage over what is left."""
    rows = [_pool(before, row, pools) for row in before["pools"]]
    samples = sum(row["samples"] for row in rows)
    for row in rows:
        row["share"] = ratio(row["samples"], samples)
    history = {key: journal[key] for key in ("revision", "lost")} | {"manifest": before["id"]}
    stage = before["stage"]
    tokens = samples * stage["sequence_length"]
    manifest = {
        **{key: value for key, value in before.items() if key not in ("id", "golden")},
        "revision": journal["revision"],
        "removed": [*before.get("removed", []), history],
        "conservation": facts.conservation(run, pools.built),
        "stage": {**stage, "samples": samples, "tokens": tokens},
        **{f"by_{key}": _groups(before, rows, key, samples) for key in ("language", "domain")},
        "pools": rows,
        "validation": [{**row, **pools.holds(row["name"])} for row in before["validation"]],
    }
    written = manifests.finish(run, stage["name"], manifest)
    return ChangedStage(
        stage["name"], stage["samples"], samples, stage["tokens"], tokens, before["id"], written
    )


def _pool(before: Mapping[str, Any], row: Mapping[str, Any], pools: _Pools) -> dict[str, Any]:
    """A pool's part of a stage: from where the stage before stopped to where its end has moved."""
    name, length = row["name"], before["stage"]["sequence_length"]
    gaps = pools.gaps_of(before["seed"], name, row["available"]["tokens"])
    holds = pools.holds(name)
    start = pools.cursors.get(name, 0)
    samples = max(0, gaps.moved(row["end_token"]) - start) // length if gaps.left else 0
    end = start + samples * length
    pools.cursors[name] = end
    track = manifests.Track.of(name, before["seed"], pools.opened[name]) if gaps.left else None
    documents, size = track.between(start, end) if track else (0, 0)
    whole = holds["available"]["tokens"]
    return {
        **row,
        "samples": samples,
        "tokens": end - start,
        "documents": documents,
        "bytes": size,
        "epochs": ratio(end - start, whole),
        "cumulative_epochs": ratio(end, whole),
        "start_token": start,
        "end_token": end,
        **holds,
    }


def _groups(
    before: Mapping[str, Any], rows: list[dict[str, Any]], key: str, samples: int
) -> list[dict[str, Any]]:
    """The stage by language or by domain."""
    told = []
    for group in before[f"by_{key}"]:
        mine = [row for row in rows if row[key] == group[key]]
        whole = sum(row["available"]["tokens"] for row in mine)
        tokens = sum(row["tokens"] for row in mine)
        told.append(
            {
                key: group[key],
                "requested_share": math.fsum(row["requested_share"] for row in mine),
                "share": ratio(sum(row["samples"] for row in mine), samples),
                "tokens": tokens,
                "documents": sum(row["documents"] for row in mine),
                "bytes": sum(row["bytes"] for row in mine),
                "epochs": ratio(tokens, whole),
                "cumulative_epochs": ratio(sum(row["end_token"] for row in mine), whole),
            }
        )
    return told
