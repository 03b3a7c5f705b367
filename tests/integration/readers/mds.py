"""Reads MDS with numpy, from the format's description alone.

`index.json` names the shards. A shard: u32 samples, u32 places of the samples and of the end, JSON,
samples. A sample: u32 bytes of each column of no fixed size, then the columns. An array of no fixed
shape begins with a byte, axes times four and the width of its lengths (0: u8, 1: u16, 2: u32).
"""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read(folder: Path) -> list[tuple[NDArray[Any], list[int]]]:
    """Tokens and starts of the stretches of each sample."""
    index = json.loads((folder / "index.json").read_text("utf-8"))
    assert index["version"] == 2
    samples = []
    for shard in index["shards"]:
        assert (shard["format"], shard["version"], shard["compression"]) == ("mds", 2, None)
        raw = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert len(raw) == shard["raw_data"]["bytes"]
        assert hashlib.sha256(raw).hexdigest() == shard["raw_data"]["hashes"]["sha256"]
        count = int.from_bytes(raw[:4], "little")
        assert count == shard["samples"]
        places = np.frombuffer(raw, "<u4", count + 1, 4).tolist()
        told = json.loads(raw[4 * (count + 2) : places[0]])
        keys = ("column_names", "column_encodings", "column_sizes", "hashes", "size_limit")
        assert {key: told[key] for key in keys} == {key: shard[key] for key in keys}
        assert places[-1] == len(raw)
        ends = pairwise(places)
        samples += [_sample(raw[begin:end], shard) for begin, end in ends]
    return samples


def _sample(raw: bytes, shard: dict[str, Any]) -> tuple[NDArray[Any], list[int]]:
    assert shard["column_names"] == ["starts", "tokens"]
    assert shard["column_encodings"][0] == "ndarray:uint32"
    _, dtype, length = shard["column_encodings"][1].split(":")
    size = int.from_bytes(raw[:4], "little")
    starts, tokens = raw[4 : 4 + size], raw[4 + size :]
    width = 1 << (starts[0] & 3)
    assert starts[0] >> 2 == 1
    many = int.from_bytes(starts[1 : 1 + width], "little")
    values = np.frombuffer(starts, "<u4", offset=1 + width).tolist()
    assert len(values) == many
    found = np.frombuffer(tokens, dtype)
    assert len(found) == int(length)
    assert len(tokens) == shard["column_sizes"][1]
    return found, values
