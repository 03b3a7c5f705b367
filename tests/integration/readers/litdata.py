"""Reads LitData's chunks of tokens with numpy, from the format's description alone.

`index.json` names the chunks and, in `data_format`, the type (5 uint16, 6 uint32). A chunk: u32
items, u32 places of the items and of the end, items.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TYPES = {"no_header_numpy:5": "<u2", "no_header_numpy:6": "<u4"}


def read(folder: Path) -> list[NDArray[Any]]:
    """The items."""
    index = json.loads((folder / "index.json").read_text("utf-8"))
    assert index["config"]["item_loader"] == "TokensLoader"
    dtype = np.dtype(TYPES[index["config"]["data_format"][0]])
    items = []
    for chunk in index["chunks"]:
        raw = (folder / chunk["filename"]).read_bytes()
        count = int.from_bytes(raw[:4], "little")
        assert (count, len(raw)) == (chunk["chunk_size"], chunk["chunk_bytes"])
        places = np.frombuffer(raw, "<u4", count + 1, 4).tolist()
        assert places[0] == 4 * (count + 2)
        assert places[-1] == len(raw)
        assert chunk["dim"] * dtype.itemsize == places[-1] - places[0]
        ends = pairwise(places)
        items += [np.frombuffer(raw[begin:end], dtype) for begin, end in ends]
    return items
