"""LitData: the index of a stage's chunks, for its `TokensLoader`."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.export_samples import SampleFile, Written

CODES: Final = {2: 5, 4: 6}
"""Its numbers of numpy's uint16 and uint32."""
CHUNK_BYTES: Final = 64 << 20
LEAF: Final = json.dumps([1, {"type": None, "context": None, "children_spec": []}])
"""How it writes that an item is one array."""


def read(written: Written, file: SampleFile, number: int) -> bytes:
    """The tokens of a sample of a file."""
    with written.path(file).open("rb") as chunk:
        chunk.seek(4 + 4 * number)
        begin, end = struct.unpack("<II", chunk.read(8))
        chunk.seek(begin)
        return chunk.read(end - begin)


def describe(written: Written) -> Mapping[str, str]:
    """`index.json`: the chunks, and the type of their tokens."""
    chunks = [
        {
            "chunk_bytes": file.file.bytes,
            "chunk_size": file.samples,
            "dim": file.samples * written.length,
            "filename": written.path(file).name,
        }
        for file in written.files
    ]
    config = {
        "chunk_bytes": CHUNK_BYTES,
        "chunk_size": None,
        "compression": None,
        "data_format": [f"no_header_numpy:{CODES[written.width]}"],
        "data_spec": LEAF,
        "encryption": None,
        "item_loader": "TokensLoader",
    }
    index = {"chunks": chunks, "config": config, "updated_at": "0"}
    return {"index.json": json.dumps(index, sort_keys=True)}
