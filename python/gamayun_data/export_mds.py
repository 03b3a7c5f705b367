"""MDS of MosaicML streaming: the index of a stage's shards."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.export_samples import SampleFile, Written

SIZE_LIMIT: Final = 64 << 20


def read(written: Written, file: SampleFile, number: int) -> bytes:
    """The tokens of a sample of a file: what is left of it behind the starts of its stretches."""
    with written.path(file).open("rb") as shard:
        shard.seek(4 + 4 * number)
        begin, end = struct.unpack("<II", shard.read(8))
        shard.seek(begin)
        sample = shard.read(end - begin)
    (starts,) = struct.unpack_from("<I", sample)
    return sample[4 + starts :]


def describe(written: Written) -> Mapping[str, str]:
    """`index.json`: the columns and hashes of every shard."""
    shards = [_shard(written, file) for file in written.files]
    return {"index.json": json.dumps({"shards": shards, "version": 2}, sort_keys=True)}


def _shard(written: Written, file: SampleFile) -> dict[str, Any]:
    name = written.path(file).name
    tokens = f"ndarray:uint{8 * written.width}:{written.length}"
    return {
        "column_encodings": ["ndarray:uint32", tokens],
        "column_names": ["starts", "tokens"],
        "column_sizes": [None, written.sample_bytes],
        "compression": None,
        "format": "mds",
        "hashes": ["sha256"],
        "raw_data": {
            "basename": name,
            "bytes": file.file.bytes,
            "hashes": {"sha256": file.file.sha256},
        },
        "samples": file.samples,
        "size_limit": SIZE_LIMIT,
        "version": 2,
        "zip_data": None,
    }
