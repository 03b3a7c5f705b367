"""Reads llm.c's files with numpy, from the format's description alone.

256 numbers of 32 bits (20240520, version 1, how many ids follow, zeros), then ids of 16 bits.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read(path: Path) -> NDArray[Any]:
    """The tokens of a file."""
    head = np.fromfile(path, "<i4", 256)
    assert head[:2].tolist() == [20240520, 1]
    assert not head[3:].any()
    tokens = np.memmap(path, "<u2", "r", 1024)
    assert len(tokens) == head[2]
    return tokens
