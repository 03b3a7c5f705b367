"""Reads a stage in its exact order, sample by sample, for any trainer.

`TokenDataset` gives any sample by its number, `TokenLoader` the batches of a rank, and goes on from
a saved state with any number of ranks. numpy is all they need; `torch_adapter` hands them to torch.
"""

from __future__ import annotations

from gamayun_data.loader.batch import Batch, Stretch
from gamayun_data.loader.dataset import Cuts, TokenDataset
from gamayun_data.loader.token_loader import TokenLoader

__all__ = ["Batch", "Cuts", "Stretch", "TokenDataset", "TokenLoader"]
