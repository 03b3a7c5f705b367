"""Reads Megatron's `.bin` and `.idx` with numpy, from the format's description alone.

`.idx`: 9 bytes `MMIDIDX\\0\\0`, u64 version 1, u8 type (4 int32, 8 uint16), u64 sequences, u64
documents and one; then i32 lengths, i64 places in bytes, i64 numbers of the sequences that
documents begin with.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TYPES: dict[int, np.dtype[Any]] = {4: np.dtype("<i4"), 8: np.dtype("<u2")}


def read(prefix: Path) -> list[NDArray[Any]]:
    """The tokens of each document."""
    raw = prefix.with_name(prefix.name + ".idx").read_bytes()
    assert raw[:9] == b"MMIDIDX\0\0"
    assert int.from_bytes(raw[9:17], "little") == 1
    dtype = TYPES[raw[17]]
    count = int.from_bytes(raw[18:26], "little")
    assert int.from_bytes(raw[26:34], "little") == count + 1
    assert len(raw) == 34 + 12 * count + 8 * (count + 1)
    lengths = np.frombuffer(raw, "<i4", count, 34)
    places = np.frombuffer(raw, "<i8", count, 34 + 4 * count)
    numbers = np.frombuffer(raw, "<i8", count + 1, 34 + 12 * count)
    assert numbers.tolist() == list(range(count + 1))
    assert not np.any(places % dtype.itemsize)
    tokens = np.memmap(prefix.with_name(prefix.name + ".bin"), dtype, "r")
    starts = (places // dtype.itemsize).tolist()
    return [tokens[a : a + n] for a, n in zip(starts, lengths.tolist(), strict=True)]
