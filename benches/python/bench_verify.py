"""What verifying shards costs beside hashing the same maps with nothing else, on one thread.

python benches/python/bench_verify.py [--megabytes 512]

Block hashes and structure (`verify --fast`) stand beside xxh3-128 of the payload; tokens, sha256
and block hashes beside its sha256 (hashlib). Both read the same pages, in turn; the least CPU
seconds of the rounds count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import mmap
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from gamayun_data import _core
from make_stage import VOCAB_SIZE, write_shard

ROUNDS = 5


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def check(shard: dict[str, Any], level: str) -> None:
    """Verify a shard; it must be whole."""
    problems = _core.check_shards(
        [(shard["path"], shard["bin_sha256"], shard["gdx_sha256"])],
        level=level,
        vocab_size=VOCAB_SIZE,
        eos=0,
        tokenizer_sha256="00" * 32,
        threads=1,
    )
    if problems:
        raise SystemExit(f"the shard is not whole: {problems}")


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=512)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "00000.gdx"
        shard = write_shard(path, options.megabytes << 19, np.random.default_rng(17), 0)
        shard["gdx_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        shard["path"] = path.with_suffix(".bin")
        with shard["path"].open("rb") as file:
            payload = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        size = len(payload)
        works: dict[str, Callable[[], object]] = {
            "bare xxh3": lambda: xxhash.xxh3_128_digest(payload),
            "fast": lambda: check(shard, "hashes"),
            "bare sha256": lambda: hashlib.sha256(payload).digest(),
            "full": lambda: check(shard, "tokens"),
        }
        taken = {name: min(spent(work) for _ in range(1)) for name, work in works.items()}
        for _ in range(ROUNDS):
            taken = {name: min(taken[name], spent(work)) for name, work in works.items()}
    rates = {name: round(size / seconds / 1e9, 2) for name, seconds in taken.items()}
    shares = {
        "fast to xxh3": round(taken["bare xxh3"] / taken["fast"], 2),
        "full to sha256": round(taken["bare sha256"] / taken["full"], 2),
    }
    print(json.dumps({"bytes": size, "GB/s of CPU time": rates, "speed": shares}, indent=1))


if __name__ == "__main__":
    main()
