"""Makes a run of random tokens for the benchmark of the loader: shards and a manifest.

python benches/python/make_stage.py FOLDER [--pools 12] [--shards 4] [--tokens 5000000]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from gamayun_data import manifests, receipts

VOCAB_SIZE = 65_024
LENGTH = 4096
MEAN = 800
"""Tokens of a document; their lengths are lognormal, as those of web pages are."""


def write_shard(
    path: Path, tokens: int, draw: np.random.Generator, language: int
) -> dict[str, Any]:
    """One shard of about so many tokens, whole by `docs/format.md`."""
    lengths = np.maximum(1, draw.lognormal(6.2, 1.0, max(1, tokens // MEAN))).astype(np.int64)
    ends = np.cumsum(lengths)
    ids = draw.integers(1, VOCAB_SIZE, ends[-1], dtype=np.uint16)
    ids[ends - 1] = 0
    payload = ids.tobytes()
    path.with_suffix(".bin").write_bytes(payload)
    count = len(ends)
    metas = np.zeros(count, np.dtype([("source", "<u2"), ("language", "u1"), ("flags", "u1")]))
    metas["language"] = language
    names = "".join(f"l{n}\n" for n in range(12)).encode()
    sections = [
        (1, 8, ends.astype("<u8").tobytes()),
        (2, 4, metas.tobytes()),
        (3, 16, draw.bytes(16 * count)),
        (4, 4, (lengths * 4).astype("<u4").tobytes()),
        (5, 32, blocks(payload, ends)),
        (6, 1, names),
        (7, 1, b"web\n"),
    ]
    head_bytes = 160 + 40 * len(sections)
    body, table = b"", b""
    for kind, item, data in sections:
        body += b"\0" * (-(head_bytes + len(body)) % 64)
        table += struct.pack("<IIQQ", kind, item, head_bytes + len(body), len(data))
        table += xxhash.xxh3_128_digest(data)
        body += data
    sha256 = hashlib.sha256(payload)
    rest = sha256.digest() + bytes(32)
    rest += struct.pack("<QQQQ", ends[-1], count, 4 * ends[-1], head_bytes + len(body))
    rest += struct.pack("<IIIIIIQ", VOCAB_SIZE, 0, int(ids.max()), 2, 1, 7, 0) + table
    start = b"GSHARD\0\0" + struct.pack("<II", 1, head_bytes)
    path.write_bytes(start + xxhash.xxh3_128_digest(rest) + rest + body)
    return {"tokens": int(ends[-1]), "documents": count, "bin_sha256": sha256.hexdigest()}


def blocks(payload: bytes, ends: np.ndarray[Any, np.dtype[np.int64]]) -> bytes:
    """The table of blocks of about a million tokens."""
    table, document, token = b"", 0, 0
    while document < len(ends):
        last = min(int(np.searchsorted(ends, token + (1 << 20))), len(ends) - 1)
        data = memoryview(payload)[2 * token : 2 * int(ends[last])]
        table += struct.pack("<QQ", document, token) + xxhash.xxh3_128_digest(data)
        document, token = last + 1, int(ends[last])
    return table


def make(run: Path, pools: int, shards: int, tokens: int) -> None:
    """Pools of equal shards, each read once but for what is less than a sample."""
    draw = np.random.default_rng(17)
    rows = []
    for number in range(pools):
        folder = Path("shards") / f"pool-{number:03}"
        (run / folder).mkdir(parents=True)
        files = []
        for shard in range(shards):
            path = folder / f"{shard:05}.gdx"
            facts = write_shard(run / path, tokens, draw, number % 12)
            files.append({"bin": str(path.with_suffix(".bin")), "gdx": str(path), **facts})
        held = sum(file["tokens"] for file in files)
        rows.append(
            {
                "name": folder.name,
                "samples": held // LENGTH,
                "start_token": 0,
                "end_token": held // LENGTH * LENGTH,
                "available": {"tokens": held},
                "shards": files,
            }
        )
    manifest: dict[str, Any] = {
        "schema": manifests.SCHEMA,
        "version": manifests.VERSION,
        "order": manifests.ORDER,
        "seed": 17,
        "tokenizer": {"sha256": "00" * 32, "vocab_size": VOCAB_SIZE, "eos_id": 0},
        "stage": {
            "name": "one",
            "index": 0,
            "sequence_length": LENGTH,
            "samples": sum(row["samples"] for row in rows),
        },
        "pools": rows,
        "validation": [],
        "golden": [],
    }
    (run / "manifests").mkdir()
    whole = {"id": receipts.identity_of(manifest), **manifest}
    (run / "manifests" / "one.json").write_text(json.dumps(whole), encoding="utf-8")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pools", type=int, default=12)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=5_000_000, help="of a shard")
    asked = parser.parse_args()
    make(asked.folder, asked.pools, asked.shards, asked.tokens)


if __name__ == "__main__":
    main()
