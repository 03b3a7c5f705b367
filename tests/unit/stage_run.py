"""Writes a small run: shards of pools, and the manifests of stages over them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.shard_writer import Pool, document

from gamayun_data import manifests, receipts
from gamayun_data.shards import open_shard

SEED = 17


@dataclass(frozen=True)
class Taken:
    """A stage: its name, its sequence length, and samples by pool."""

    name: str
    length: int
    samples: Mapping[str, int]


def write_run(
    run: Path,
    pools: Mapping[str, Sequence[int]],
    stages: Sequence[Taken],
    *,
    validation: Mapping[str, Sequence[int]] | None = None,
    shard_bytes: int = 3000,
    vocab_size: int = 300,
) -> Path:
    """A run whose pools have documents of so many tokens beside EOS; stages follow each other."""
    shards, n = {}, 0
    held_out = {f"validation/{name}": lengths for name, lengths in (validation or {}).items()}
    for name, lengths in [*pools.items(), *held_out.items()]:
        documents = [document(n + i, length, vocab_size) for i, length in enumerate(lengths)]
        n += len(lengths)
        folder = run / "shards" / name
        Pool(documents, vocab_size=vocab_size, max_shard_bytes=shard_bytes).write(folder)
        shards[name] = [receipt(run, path) for path in sorted(folder.glob("*.gdx"))]
    cursors = dict.fromkeys(pools, 0)
    (run / "manifests").mkdir()
    for index, stage in enumerate(stages):
        rows = [row(name, shards[name], stage, cursors) for name in pools]
        manifest: dict[str, Any] = {
            "schema": manifests.SCHEMA,
            "version": manifests.VERSION,
            "order": manifests.ORDER,
            "seed": SEED,
            "tokenizer": {"sha256": "09" * 32, "vocab_size": vocab_size, "eos_id": 0},
            "stage": {
                "name": stage.name,
                "index": index,
                "sequence_length": stage.length,
                "samples": sum(stage.samples.values()),
            },
            "pools": rows,
            "validation": [
                {"name": name, "available": available(shards[name]), "shards": shards[name]}
                for name in held_out
            ],
        }
        manifest["golden"] = manifests.golden(run, manifest)
        whole = {"id": receipts.identity_of(manifest), **manifest}
        (run / "manifests" / f"{stage.name}.json").write_text(json.dumps(whole), encoding="utf-8")
    return run


def receipt(run: Path, path: Path) -> dict[str, Any]:
    shard = open_shard(path)
    return {
        "bin": str(path.with_suffix(".bin").relative_to(run)),
        "gdx": str(path.relative_to(run)),
        "tokens": len(shard.tokens),
        "documents": len(shard),
        "bin_sha256": shard.bin_sha256,
        "gdx_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def available(shards: list[dict[str, Any]]) -> dict[str, int]:
    return {"tokens": sum(shard["tokens"] for shard in shards)}


def row(
    name: str, shards: list[dict[str, Any]], stage: Taken, cursors: dict[str, int]
) -> dict[str, Any]:
    start = cursors[name]
    samples = stage.samples.get(name, 0)
    cursors[name] = start + samples * stage.length
    return {
        "name": name,
        "samples": samples,
        "start_token": start,
        "end_token": cursors[name],
        "available": available(shards),
        "shards": shards,
    }
