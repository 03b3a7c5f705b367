"""The steps of a loader as what torch calls a map-style dataset; torch itself is not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gamayun_data.loader.token_loader import TokenLoader


class TorchSteps:
    """Whole batches of a rank, for `DataLoader(TorchSteps(loader), batch_size=None)` of torch.

    Item i is step i from where the loader stands, so any number of workers gives the same order.
    The `DataLoader` makes tensors of the arrays. Workers read ahead, so the state to save is
    `loader.state_after(steps done)`; after `loader.load_state_dict`, make a new `DataLoader`.
    """

    def __init__(self, loader: TokenLoader) -> None:
        """The steps that are left of a loader."""
        self.loader = loader

    def __len__(self) -> int:
        """Steps that are left."""
        return len(self.loader)

    def __getitem__(self, step: int) -> dict[str, NDArray[Any]]:
        """A step in types that torch computes with.

        `tokens` and `samples` of 64 bits; with documents also `cu_seqlens` and `positions` of 32
        bits, and for each stretch `languages` and `sources`, of 64 bits.
        """
        batch = self.loader.batch(step)
        item: dict[str, NDArray[Any]] = {
            "tokens": batch.tokens.astype(np.int64),
            "samples": batch.samples.astype(np.int64),
        }
        if self.loader.documents:
            item["cu_seqlens"], item["positions"] = batch.cu_seqlens, batch.positions()
            item["languages"] = batch.languages.astype(np.int64)
            item["sources"] = batch.sources.astype(np.int64)
        return item
