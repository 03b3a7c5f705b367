"""Reads OLMo-core's headerless `.npy` and its `.csv.gz` with numpy, from their description alone.

The type follows from the vocabulary: uint16 up to 65,536 ids, else uint32. A line of the table:
start, end, id, source, place.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read(prefix: Path, vocab_size: int) -> list[NDArray[Any]]:
    """The tokens of each document."""
    dtype = "<u2" if vocab_size <= 65_536 else "<u4"
    tokens = np.memmap(prefix.with_name(prefix.name + ".npy"), dtype, "r")
    rows = table(prefix)
    assert [int(row[0]) for row in rows] == [0, *(int(row[1]) for row in rows[:-1])]
    assert int(rows[-1][1]) == len(tokens)
    return [tokens[int(row[0]) : int(row[1])] for row in rows]


def table(prefix: Path) -> list[list[str]]:
    """The lines that tell of documents."""
    with gzip.open(prefix.with_name(prefix.name + ".csv.gz"), "rt", newline="") as file:
        return list(csv.reader(file))
