"""A batch: tokens, and the stretches of documents that they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gamayun_data import _core

if TYPE_CHECKING:
    from numpy.typing import NDArray

Item = TypeVar("Item", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tokens of one document in one sample."""

    sample: int
    """The sample of the stage."""
    start: int
    """Its first token in the sample."""
    tokens: int
    id: str
    """The document's id, in hexadecimal."""
    offset: int
    """Tokens of the document before these; 0 where it begins."""
    language: str
    source: str
    pool: str
    shard: str
    """Path of the shard's payload in the run."""
    place: int
    """The document's place in the shard."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Batch:
    """Samples of a stage, a row each.

    A *stretch* is what a sample holds of one document. The arrays from `cu_seqlens` on have an item
    a stretch, in the order of the tokens, and are empty unless documents were asked for.
    """

    samples: NDArray[np.int64]
    """Numbers of the samples in the stage: (n,)."""
    tokens: NDArray[Any]
    """Token ids: (n, seq_len), or (n, seq_len + 1) with an overlap."""
    cu_seqlens: NDArray[np.int32]
    """Tokens before each stretch, over all rows, and those of the batch: (stretches + 1,)."""
    pools: NDArray[np.uint32]
    """Places in `TokenDataset.pools`."""
    languages: NDArray[np.uint8]
    """Places in `TokenDataset.languages`."""
    sources: NDArray[np.uint16]
    """Places in `TokenDataset.sources`."""
    shards: NDArray[np.uint32]
    """Places in `TokenDataset.shards`."""
    places: NDArray[np.int64]
    """Places of the documents in their shards."""
    offsets: NDArray[np.int64]
    """Tokens of the document before the stretch; 0 where the document begins."""
    ids: NDArray[np.uint8]
    """Ids of the documents: (stretches, 16) bytes."""

    def __len__(self) -> int:
        """Samples in it."""
        return len(self.samples)

    def __repr__(self) -> str:
        """The shape and the number of stretches."""
        return f"Batch(tokens={self.tokens.shape}, stretches={len(self.ids)})"

    @property
    def lengths(self) -> NDArray[np.int32]:
        """Tokens of each stretch."""
        return np.diff(self.cu_seqlens)

    @property
    def rows(self) -> NDArray[np.int32]:
        """The row of each stretch."""
        return self.cu_seqlens[:-1] // max(1, self._length)

    @property
    def _length(self) -> int:
        """Tokens of a row, what overlaps not counted."""
        return int(self.cu_seqlens[-1]) // len(self) if len(self) else 0

    def positions(
        self, *, out: NDArray[np.int32] | NDArray[np.int64] | None = None
    ) -> NDArray[Any]:
        """The position of each token in its stretch, from 0 on: (n, seq_len), of 32 bits."""
        if out is None:
            out = np.empty((len(self), self._length), np.int32)
        if not out.flags.c_contiguous:
            raise ValueError("out: rows that follow each other in memory are needed")
        _core.fill_positions(self.cu_seqlens, out)
        return out

    def per_token(self, of_stretches: NDArray[Item]) -> NDArray[Item]:
        """Spread what belongs to stretches, as `languages` or `sources`, over their tokens."""
        return np.repeat(of_stretches, self.lengths).reshape(len(self), -1)
