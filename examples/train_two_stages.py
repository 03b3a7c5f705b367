"""Trains a small transformer through the stages of a run, on CPU, with the loss of each language.

    gamayun-data curate --sample -o RUN         # two stages, a minute
    pip install 'gamayun-data[torch]'
    python examples/train_two_stages.py RUN [CHECKPOINT]

With a checkpoint it can be stopped at any time and goes on where it was, between stages too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gamayun_data import manifests
from gamayun_data.loader import Batch, TokenDataset, TokenLoader

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    sys.exit("this example needs torch: pip install 'gamayun-data[torch]'")

WIDTH, HEADS, LAYERS, BATCH, RATE, REPORT = 64, 4, 2, 8, 3e-3, 10


class Layer(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Attention within documents, and a feed-forward network."""

    def __init__(self) -> None:
        """Weights as torch draws them."""
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """`seen`: (batch, 1, length, length), which tokens each token attends to."""
        parts = self.qkv(self.before(x)).unflatten(-1, (3, HEADS, -1)).unbind(2)
        q, k, v = (part.transpose(1, 2) for part in parts)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.wide(self.between(x))


class Transformer(nn.Module):  # type: ignore[misc]  # as above
    """A decoder whose positions begin anew with each document."""

    def __init__(self, vocab_size: int, length: int) -> None:
        """For sequences of at most `length` tokens."""
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocab_size, WIDTH), nn.Embedding(length, WIDTH)
        self.layers, self.last = nn.ModuleList(Layer() for _ in range(LAYERS)), nn.LayerNorm(WIDTH)
        nn.init.normal_(self.tokens.weight, std=0.02)

    def forward(
        self, tokens: torch.Tensor, positions: torch.Tensor, documents: torch.Tensor
    ) -> torch.Tensor:
        """Scores of the next token; `documents` numbers the stretches."""
        seen = (documents[:, :, None] == documents[:, None, :]).tril()[:, None]
        x = self.tokens(tokens) + self.places(positions)
        for layer in self.layers:
            x = layer(x, seen)
        return self.last(x) @ self.tokens.weight.T


def losses(model: nn.Module, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss of each label and its language; a document's last has none of its own."""
    positions = batch.positions()
    stretches = batch.per_token(np.arange(len(batch.ids)))
    inputs = (batch.tokens[:, :-1].astype(np.int64), positions.astype(np.int64), stretches)
    scores = model(*map(torch.from_numpy, inputs))
    labels = torch.from_numpy(batch.tokens[:, 1:].astype(np.int64))
    each = functional.cross_entropy(scores.flatten(0, 1), labels.flatten(), reduction="none")
    last = np.zeros(positions.size, bool)
    last[batch.cu_seqlens[1:] - 1] = True
    counts = torch.from_numpy(~last)
    languages = torch.from_numpy(batch.per_token(batch.languages).ravel().astype(np.int64))
    return each[counts], languages[counts]


def report(stage: TokenDataset, step: int, sums: torch.Tensor, counts: torch.Tensor) -> None:
    """One line: the mean loss, and that of each language that was read."""
    shown = " ".join(
        f"{name} {total / count:.2f}"
        for name, total, count in zip(stage.languages, sums.tolist(), counts.tolist(), strict=True)
        if count
    )
    print(f"{stage.stage} step {step:4}  loss {sums.sum() / counts.sum():.3f}  {shown}", flush=True)


def train(
    model: nn.Module, optimiser: torch.optim.Optimizer, loader: TokenLoader
) -> Iterator[None]:
    """Go through what is left of a stage; yields after every report."""
    stage = loader.dataset
    sums, counts = torch.zeros(2, len(stage.languages))
    for step, batch in enumerate(loader, 1):
        each, languages = losses(model, batch)
        optimiser.zero_grad()
        each.mean().backward()
        optimiser.step()
        sums.index_add_(0, languages, each.detach())
        counts.index_add_(0, languages, torch.ones_like(each))
        if step % REPORT == 0 or not len(loader):
            report(stage, step, sums, counts)
            sums, counts = torch.zeros(2, len(stage.languages))
            yield


def main(run: str, checkpoint: str | None = None) -> None:
    """The stages of the run, in their order."""
    found = [manifests.read(path) for path in Path(run, "manifests").glob("*.json")]
    stages = sorted((manifest["stage"] for manifest in found), key=lambda stage: stage["index"])
    torch.manual_seed(0)
    longest = max(stage["sequence_length"] for stage in stages)
    model = Transformer(found[0]["tokenizer"]["vocab_size"], longest)
    optimiser = torch.optim.AdamW(model.parameters(), RATE)
    saved: dict[str, Any] = {}
    if checkpoint and Path(checkpoint).exists():
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
    names = [stage["name"] for stage in stages]
    first = names.index(saved["data"]["stage"]) if saved else 0
    for name in names[first:]:
        loader = TokenLoader(TokenDataset(run, name, overlap=1), BATCH)
        if saved and name == names[first]:
            loader.load_state_dict(saved["data"])
        for _ in train(model, optimiser, loader):
            if checkpoint:
                state = {"model": model.state_dict(), "optimiser": optimiser.state_dict()}
                torch.save(state | {"data": loader.state_dict()}, checkpoint)


if __name__ == "__main__":
    main(*sys.argv[1:3])
