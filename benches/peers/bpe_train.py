"""Our training in the form that the peers' benchmark of the same task takes, once from the file and once from strings.

The harness calls `arrow(data, split, vocab, threads)` or `strings(...)` with a data set of its own, and gets merges as
pairs of bytes. Inside its clock, as for peers that read files: reading the file of texts, which `arrow` takes as it lies
and `strings` cuts into Python strings first; counting; training; giving the merges back.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import gamayun_data as gd


def arrow(data: Any, split: str, vocab: int, threads: int) -> list[tuple[bytes, bytes]]:
    blob = pa.py_buffer(Path(f"{data.prefix}.docs.bin").read_bytes())
    ends = pa.py_buffer(np.fromfile(f"{data.prefix}.docs.idx", "<i8"))
    texts = pa.LargeStringArray.from_buffers(ends.size // 8 - 1, ends, blob)
    return _train(texts, split, vocab, threads)


def strings(data: Any, split: str, vocab: int, threads: int) -> list[tuple[bytes, bytes]]:
    return _train(data.documents(), split, vocab, threads)


def _train(texts: Any, split: str, vocab: int, threads: int) -> list[tuple[bytes, bytes]]:
    return gd.train_tokenizer(
        texts, vocab_size=vocab, split=split, threads=threads, special_tokens=[]
    ).merges
