"""A copy of a run whose files can be changed, and the JSON that tells of them made to fit again."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from tests.faults.gshard import Shard
from tests.golden.order.make import stage_order, stream_place

PIECE = 4096
"""Tokens of a piece of a pool below two million tokens, by `docs/order.md`."""


class World:
    """A run to be damaged. Its files are links: they are replaced, never written into."""

    def __init__(self, run: Path, folder: Path) -> None:
        """Copy `run` to `folder`."""
        shutil.copytree(run, folder, copy_function=os.link)
        self.run = folder

    def write(self, path: Path, data: bytes) -> None:
        """Put a file in the place of another, or where none was."""
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def json(self, name: str) -> Any:  # noqa: ANN401
        """Read a JSON file of the run."""
        return json.loads((self.run / name).read_text(encoding="utf-8"))

    def tell(self, name: str, value: object) -> None:
        """Write a JSON file as the package lays it out."""
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        self.write(self.run / name, text.encode())

    # --- shards -------------------------------------------------------------------------------

    def indices(self) -> list[Path]:
        """All indices of shards, sorted."""
        return sorted((self.run / "shards").rglob("*.gdx"))

    def put(self, index: Path, shard: Shard) -> None:
        """Write a shard."""
        payload, head = shard.files()
        self.write(index.with_suffix(".bin"), payload)
        self.write(index, head)

    # --- the records --------------------------------------------------------------------------

    @property
    def stages(self) -> list[str]:
        """The manifests, by the index of the stage."""
        names = [f"manifests/{path.name}" for path in (self.run / "manifests").glob("*.json")]
        return sorted(names, key=lambda name: self.json(name)["stage"]["index"])

    def settle(self) -> None:
        """Make receipt, manifests and provenance say what the shards are."""
        built = self.json("steps/build.json")
        pools = {pool["folder"]: pool for pool in built["counts"]["pools"]}
        for folder, pool in pools.items():
            pool["shards"] = [self._row(folder, one["bin"]) for one in pool["shards"]]
        self.tell("steps/build.json", built)
        held = {folder: self._held(folder, pool["shards"]) for folder, pool in pools.items()}
        found = self.json("provenance.json")
        known = {source["name"]: source["licence"] or "unknown" for source in found["sources"]}
        known["elsewhere"] = "unknown"
        for name in self.stages:
            manifest = self.json(name)
            for row in [*manifest["pools"], *manifest["validation"]]:
                shards = pools[row["name"]]["shards"]
                sums = ("documents", "tokens", "bytes")
                row["available"] = {key: sum(one[key] for one in shards) for key in sums}
                folder = f"shards/{row['name']}"
                row["shards"] = [
                    {**one, "bin": f"{folder}/{one['bin']}", "gdx": f"{folder}/{one['gdx']}"}
                    for one in shards
                ]
                row["sources"] = _sources(held[row["name"]])
                row["licences"] = sorted({known[source] for source in row["sources"]})
            manifest["conservation"]["shards"] = sums_of(pools)
            self._count(manifest, held)
            self.tell(name, manifest)
            self.seal(name)
        found["counts"]["shards"] = sums_of(pools)
        self.tell("provenance.json", found)
        self.name_manifests()

    def name_manifests(self) -> None:
        """Let the provenance name the manifests that are there."""
        found = self.json("provenance.json")
        found["manifests"] = {
            Path(name).stem: self.json(name)["id"] for name in sorted(self.stages)
        }
        self.tell("provenance.json", found)
        self.seal("provenance.json")

    def seal(self, name: str) -> None:
        """Give a file the id of what it says."""
        value = self.json(name)
        plain = {key: part for key, part in value.items() if key != "id"}
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        self.tell(name, value | {"id": hashlib.sha256(text.encode()).hexdigest()})

    def _row(self, folder: str, name: str) -> dict[str, Any]:
        index = (self.run / "shards" / folder / name).with_suffix(".gdx")
        payload, head = index.with_suffix(".bin").read_bytes(), index.read_bytes()
        shard = Shard.read(index)
        return {
            "bin": name,
            "gdx": index.name,
            "tokens": len(payload) // shard.width,
            "documents": len(shard.documents),
            "bytes": sum(d.bytes for d in shard.documents),
            "max_id": max(int(d.tokens.max(initial=0)) for d in shard.documents),
            "bin_sha256": hashlib.sha256(payload).hexdigest(),
            "gdx_sha256": hashlib.sha256(head).hexdigest(),
        }

    def _held(self, folder: str, rows: list[dict[str, Any]]) -> list[Shard]:
        return [Shard.read(self.run / "shards" / folder / row["gdx"]) for row in rows]

    def _count(self, manifest: dict[str, Any], held: dict[str, list[Shard]]) -> None:
        """What a stage reads, counted document by document."""
        stage, seed = manifest["stage"], manifest["seed"]
        for pool in manifest["pools"]:
            whole = pool["available"]["tokens"]
            pool["epochs"] = pool["tokens"] / whole if whole else 0.0
            pool["cumulative_epochs"] = pool["end_token"] / whole if whole else 0.0
            pool["share"] = pool["samples"] / stage["samples"]
            pool["documents"], pool["bytes"] = _begun(pool, seed, held[pool["name"]])
        for key in ("language", "domain"):
            for row in manifest[f"by_{key}"]:
                mine = [pool for pool in manifest["pools"] if pool[key] == row[key]]
                whole = sum(pool["available"]["tokens"] for pool in mine)
                for field in ("tokens", "documents", "bytes"):
                    row[field] = sum(pool[field] for pool in mine)
                row["requested_share"] = math.fsum(pool["requested_share"] for pool in mine)
                row["share"] = sum(pool["samples"] for pool in mine) / stage["samples"]
                row["epochs"] = row["tokens"] / whole if whole else 0.0
                end = sum(pool["end_token"] for pool in mine)
                row["cumulative_epochs"] = end / whole if whole else 0.0
        order = stage_order([p["samples"] for p in manifest["pools"]], seed, stage["name"])
        for golden in manifest["golden"]:
            pool, number = order[golden["sample"]]
            row = manifest["pools"][pool]
            start = row["start_token"] + number * stage["sequence_length"]
            tokens = _read(row, seed, held[row["name"]], start, stage["sequence_length"])
            golden["sha256"] = hashlib.sha256(tokens).hexdigest()


def sums_of(pools: dict[str, Any]) -> dict[str, int]:
    """What all shards hold."""
    rows = [shard for pool in pools.values() for shard in pool["shards"]]
    return {key: sum(row[key] for row in rows) for key in ("documents", "tokens", "bytes")}


def _sources(shards: list[Shard]) -> dict[str, int]:
    counts = Counter(s.sources[d.source] for s in shards for d in s.documents)
    return dict(sorted(counts.items()))


def _begun(pool: dict[str, Any], seed: int, shards: list[Shard]) -> tuple[int, int]:
    """Documents, and their bytes, whose first token the stage reads."""
    start, end = pool["start_token"], pool["end_token"]
    documents = [document for shard in shards for document in shard.documents]
    whole = sum(len(document.tokens) for document in documents)
    found = size = 0
    for epoch in range(start // whole, -(-end // whole)) if whole else ():
        pieces = _pieces(pool["name"], seed, whole, epoch)
        at = 0
        for document in documents:
            token = epoch * whole + pieces.get(at // PIECE, at // PIECE) * PIECE + at % PIECE
            if start <= token < end:
                found, size = found + 1, size + document.bytes
            at += len(document.tokens)
    return found, size


def _pieces(pool: str, seed: int, whole: int, epoch: int) -> dict[int, int]:
    """When each piece of a small pool is read in an epoch."""
    assert whole < PIECE << 9, "pieces of larger pools are longer"
    places = (
        (stream_place(pool, seed, whole, epoch * whole + k * PIECE)[1] // PIECE, k)
        for k in range(whole // PIECE)
    )
    return dict(places)


def _read(pool: dict[str, Any], seed: int, shards: list[Shard], start: int, length: int) -> bytes:
    """Tokens of the pool's stream as they lie in its shards."""
    whole = np.concatenate([d.tokens for shard in shards for d in shard.documents])
    places = [
        stream_place(pool["name"], seed, len(whole), token)[1]
        for token in range(start, start + length)
    ]
    return whole[places].astype(f"<u{shards[0].width}").tobytes()
