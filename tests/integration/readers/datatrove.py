"""Reads datatrove's `.ds`, `.ds.index` and `.ds.metadata` with numpy, from their description alone.

`.ds.index` is u64 tokens up to and with each document; the metadata's first line ends in `|` and
the bytes of a token.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read(prefix: Path) -> list[NDArray[Any]]:
    """The tokens of each document."""
    first, total, _ = prefix.with_name(prefix.name + ".ds.metadata").read_text().split("\n")
    width = int(first.rpartition("|")[2])
    tokens = np.memmap(prefix.with_name(prefix.name + ".ds"), f"<u{width}", "r")
    ends = np.fromfile(prefix.with_name(prefix.name + ".ds.index"), "<u8").tolist()
    assert ends[-1] == len(tokens) == int(total)
    return [tokens[a:b] for a, b in pairwise([0, *ends])]
