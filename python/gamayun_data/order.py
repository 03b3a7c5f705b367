"""The order of a pool's later epochs, in numpy and by `docs/order.md`.

It shares no code with the loader, so what it computes checks what the loader and manifests say.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

VERSION: Final = 1
"""Of the order: manifests name it."""

PIECE_BITS: Final = (12, 16)
PIECES_BITS: Final = 8
ROUNDS: Final = 4
MASK: Final = (1 << 64) - 1


def epoch_key(seed: int, pool: str, epoch: int) -> int:
    """The key of an epoch of a pool."""
    text = f"gamayun-data order {VERSION}\npool\n{seed}\n{pool}\n{epoch}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def piece_tokens(tokens: int) -> int:
    """Tokens of a piece of a pool."""
    low, high = PIECE_BITS
    return 1 << min(max(tokens.bit_length() - 1 - PIECES_BITS, low), high)


def _mix(value: Numbers, seed: Numbers | int) -> Numbers:
    """The finaliser of splitmix64."""
    step = np.uint64(0x9E3779B97F4A7C15)
    if isinstance(seed, int):
        added: Any = np.uint64((seed + 1) * int(step) & MASK)
    else:
        added = (seed + np.uint64(1)) * step
    z = value + added
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def permutation(n: int, key: int) -> Numbers:
    """Where a key's permutation of 0 … n - 1 takes each of them."""
    places = np.arange(n, dtype=np.uint64)
    if n < 2:
        return places
    bits = (n - 1).bit_length()
    half, mask = np.uint64(max(1, -(-bits // 2))), np.uint64((1 << max(1, -(-bits // 2))) - 1)
    open_ = np.arange(n)
    walking = places.copy()
    while len(open_):
        left, right = walking >> half, walking & mask
        for turn in range(1, ROUNDS + 1):
            left, right = right, left ^ (_mix(_mix(right, turn), key) & mask)
        walking = (left << half) | right
        places[open_] = walking
        beyond = walking >= n
        open_, walking = open_[beyond], walking[beyond]
    return places


def places_in_epoch(
    seed: int, pool: str, tokens: int, epoch: int, starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where in an epoch the tokens at `starts` of a pool's shards are read."""
    if epoch == 0:
        return starts
    piece = piece_tokens(tokens)
    pieces = tokens // piece
    when = np.arange(-(-tokens // piece), dtype=np.int64)
    order = permutation(pieces, epoch_key(seed, pool, epoch)).astype(np.int64)
    when[order] = np.arange(pieces)
    return when[starts // piece] * piece + starts % piece
