"""Tokens a second of the loader, of numpy's memmap, megatron-core and litdata, on the same shards.

    python benches/python/make_stage.py RUN
    python benches/python/make_stage.py MANY --pools 100 --shards 100 --tokens 2000
    python benches/python/bench_loader.py RUN [--many MANY]

One process, page cache warm, CPU seconds; the rounds of all readers are interleaved, the best of
each is told. Where megatron-core and torch are installed, its GPTDataset takes part: with reset
positions, which is where it looks for documents. Where litdata is, it reads our export by its
TokensLoader: tokens alone. Batches are of 16 samples of 4,096 tokens.
"""

from __future__ import annotations

import argparse
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import gamayun_data as gd
from gamayun_data.loader import TokenDataset
from gamayun_data.shards import open_shard

BATCH = 16
BATCHES = 3000
"""Of a round: nearly the whole run, so that no cache but that of pages holds what is read."""

ROUNDS = 5
PEER_BATCHES = 100
"""Of a round of a reader that gives sample after sample, in Python."""

Reader = Callable[[int], int]
"""Reads the batch of this number; gives its tokens."""


def readers_of_ours(run: Path) -> dict[str, Reader]:
    """The loader: tokens alone in three types, and everything."""
    found: dict[str, Reader] = {}
    for dtype in ("uint16", "int32", "int64"):
        dataset = TokenDataset(run, "one", dtype=dtype)
        out = np.empty((BATCH, dataset.seq_len), dtype)

        def tokens(
            batch: int, dataset: TokenDataset = dataset, out: np.ndarray[Any, Any] = out
        ) -> int:
            numbers = range(batch * BATCH, (batch + 1) * BATCH)
            return dataset.batch(numbers, documents=False, out=out).tokens.size

        found[f"ours, {dtype} tokens"] = tokens
    everything = TokenDataset(run, "one")
    room = np.empty((BATCH, everything.seq_len), np.uint16)
    places = np.empty((BATCH, everything.seq_len), np.int32)

    def documents(batch: int) -> int:
        read = everything.batch(range(batch * BATCH, (batch + 1) * BATCH), out=room)
        read.positions(out=places)
        return read.tokens.size

    found["ours, with documents and positions"] = documents
    return found


def readers_of_numpy(run: Path) -> dict[str, Reader]:
    """A memmap a shard and a list of windows: what a trainer writes by itself."""
    shards = [open_shard(path) for path in sorted(run.glob("shards/*/*.gdx"))]
    draw = np.random.default_rng(3)
    length = 4096
    windows = [
        (number, start)
        for number, shard in enumerate(shards)
        for start in range(0, len(shard.tokens) - length, length)
    ]
    draw.shuffle(windows)
    maps = [np.memmap(shard.path.with_suffix(".bin"), np.uint16, "r") for shard in shards]
    out = np.empty((BATCH, length), np.uint16)
    wide = np.empty((BATCH, length), np.int64)
    places = np.empty((BATCH, length), np.int32)

    def tokens(batch: int) -> int:
        for row, (shard, start) in enumerate(windows[batch * BATCH : (batch + 1) * BATCH]):
            out[row] = maps[shard][start : start + length]
        return out.size

    def widened(batch: int) -> int:
        for row, (shard, start) in enumerate(windows[batch * BATCH : (batch + 1) * BATCH]):
            wide[row] = maps[shard][start : start + length]
        return out.size

    def documents(batch: int) -> int:
        for row, (number, start) in enumerate(windows[batch * BATCH : (batch + 1) * BATCH]):
            shard = shards[number]
            out[row] = maps[number][start : start + length]
            first, last = np.searchsorted(shard.ends, [start, start + length], side="right")
            ends = np.minimum(shard.ends[first : last + 1].astype(np.int64) - start, length)
            lengths = np.diff(ends, prepend=0)
            places[row] = np.arange(length) - np.repeat(ends - lengths, lengths)
            shard.languages[first : last + 1].copy()
            shard.sources[first : last + 1].copy()
            shard.ids[first : last + 1].copy()
        return out.size

    return {
        "numpy memmap, uint16 tokens": tokens,
        "numpy memmap, int64 tokens": widened,
        "numpy memmap, with documents and positions": documents,
    }


def readers_of_megatron(run: Path, folder: Path) -> dict[str, Reader]:
    """GPTDataset over one shard of each pool, tokens and labels as torch tensors."""
    try:
        import torch
        from megatron.core.datasets.blended_megatron_dataset_builder import (
            BlendedMegatronDatasetBuilder,
        )
        from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
    except ImportError:
        return {}
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/rendezvous", rank=0, world_size=1
    )
    prefixes = []
    for path in sorted(run.glob("shards/*/00000.gdx")):
        shard = open_shard(path)
        prefix = folder / path.parent.name
        prefix.with_suffix(".bin").symlink_to(path.with_suffix(".bin").resolve())
        ends = shard.ends.astype(np.int64)
        lengths = np.diff(ends, prepend=0)
        with prefix.with_suffix(".idx").open("wb") as file:
            file.write(b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, 8, len(ends), len(ends) + 1))
            file.write(
                lengths.astype("<i4").tobytes() + ((ends - lengths) * 2).astype("<i8").tobytes()
            )
            file.write(np.arange(len(ends) + 1, dtype="<i8").tobytes())
        prefixes.append(str(prefix))
    config = GPTDatasetConfig(
        random_seed=1,
        sequence_length=4096,
        blend=(prefixes, None),
        split="1,0,0",
        path_to_cache=str(folder / "cache"),
        tokenizer=SimpleNamespace(eod=0, pad=0, vocab_size=65_024, unique_identifiers={}),
        reset_position_ids=True,
        reset_attention_mask=False,
        eod_mask_loss=False,
        create_attention_mask=False,
        mid_level_dataset_surplus=0.005,
    )
    sizes = [BATCH * PEER_BATCHES, 0, 0]
    data = BlendedMegatronDatasetBuilder(GPTDataset, sizes, lambda: True, config).build()[0]

    def everything(batch: int) -> int:
        rows = [data[sample] for sample in range(batch * BATCH, (batch + 1) * BATCH)]
        return sum(row["tokens"].numel() for row in rows)

    return {"megatron-core GPTDataset, with positions": everything}


def readers_of_litdata(run: Path, folder: Path) -> dict[str, Reader]:
    """StreamingDataset over our export of the stage, in its order."""
    try:
        from litdata import StreamingDataset, TokensLoader
    except ImportError:
        return {}
    gd.export_shards(run, folder / "litdata", format="litdata")
    loader = TokensLoader(block_size=4096)
    data = StreamingDataset(str(folder / "litdata" / "one"), item_loader=loader, shuffle=False)

    def tokens(batch: int) -> int:
        rows = [data[sample] for sample in range(batch * BATCH, (batch + 1) * BATCH)]
        return sum(len(row) for row in rows)

    return {"litdata TokensLoader, tokens": tokens}


def measure(readers: dict[str, Reader]) -> dict[str, float]:
    """Millions of tokens a CPU second, the best of the rounds."""
    best = dict.fromkeys(readers, 0.0)
    for turn in range(ROUNDS + 1):
        for name, read in readers.items():
            ours = not name.startswith(("megatron", "litdata"))
            batches = BATCHES if ours else PEER_BATCHES
            before = time.process_time()
            tokens = sum(read(batch) for batch in range(batches))
            spent = time.process_time() - before
            if turn:  # the first round warms the page cache
                best[name] = max(best[name], tokens / spent / 1e6)
    return best


def start_up(many: Path) -> None:
    """Seconds from the manifest of many shards to the first batch."""
    for _ in range(3):
        before, wall = time.process_time(), time.perf_counter()
        dataset = TokenDataset(many, "one")
        opened = time.process_time() - before
        dataset.batch(range(BATCH))
        spent, passed = time.process_time() - before, time.perf_counter() - wall
        print(
            f"{len(dataset.shards):,} shards: open {opened:.3f} s CPU, first batch after "
            f"{spent:.3f} s CPU, {passed:.3f} s by the clock"
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--many", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        readers = readers_of_ours(asked.run) | readers_of_numpy(asked.run)
        readers |= readers_of_megatron(asked.run, Path(folder))
        readers |= readers_of_litdata(asked.run, Path(folder))
        for name, speed in measure(readers).items():
            print(f"{name:45} {speed:8.0f} M tokens/s")
    if asked.many:
        start_up(asked.many)


if __name__ == "__main__":
    main()
