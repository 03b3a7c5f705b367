"""Makes `cases.toml`: orders by `docs/order.md`, slowly and with no code of the package.

python tests/golden/order/make.py
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import gcd
from pathlib import Path

M = (1 << 64) - 1
BLOCK = 4096


def key(*lines: object) -> int:
    text = "\n".join(["gamayun-data order 1", *map(str, lines)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def mix(value: int, seed: int) -> int:
    z = (value + (seed + 1) * 0x9E3779B97F4A7C15) & M
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M
    z = (z ^ z >> 27) * 0x94D049BB133111EB & M
    return z ^ z >> 31


def counts_at(samples: list[int], before: list[int], end: int) -> list[int]:
    """What each pool has given when the stage has given `end` samples; `before`: a block ago."""
    n = sum(samples)
    given = [max(old, s * end // n) for old, s in zip(before, samples, strict=True)]
    waiting = [p for p, s in enumerate(samples) if given[p] * n < s * end]
    waiting.sort(key=lambda p: (Fraction((given[p] + 1) * n, samples[p]), p))
    for p in waiting[: end - sum(given)]:
        given[p] += 1
    return given


def step_of(n: int) -> int:
    golden = n * 2654435769 >> 32

    def quotients(step: int) -> int:
        total, low, high = 0, step, n
        while low:
            total, low, high = total + high // low, high % low, low
        return total

    steps = [s for s in range(max(golden - 32, 1), golden + 33) if gcd(s, n) == 1]
    return min(steps, key=lambda s: (quotients(s), abs(s - golden), s))


def stage_order(samples: list[int], seed: int, stage: str) -> list[tuple[int, int]]:
    """Pool and number in the pool of every sample of the stage."""
    n, order = sum(samples), []
    given = [0] * len(samples)
    for block in range(-(-n // BLOCK)):
        start = block * BLOCK
        length = min(BLOCK, n - start)
        after = counts_at(samples, given, start + length)
        owner = [p for p in range(len(samples)) for _ in range(after[p] - given[p])]
        step, offset = step_of(length), mix(block, key("stage", seed, stage)) % length
        for i in range(length):
            pool = owner[(i * step + offset) % length]
            order.append((pool, given[pool]))
            given[pool] += 1
    return order


def permuted(i: int, n: int, k: int) -> int:
    if n < 2:
        return i
    half = max(1, -(-(n - 1).bit_length() // 2))
    mask = (1 << half) - 1
    while True:
        left, right = i >> half, i & mask
        for turn in (1, 2, 3, 4):
            left, right = right, left ^ mix(mix(right, turn), k) & mask
        i = left << half | right
        if i < n:
            return i


def stream_place(pool: str, seed: int, tokens: int, token: int) -> tuple[int, int]:
    """Epoch and place in the pool's shards of a token of its stream."""
    epoch, at = divmod(token, tokens)
    piece = 1 << min(max(tokens.bit_length() - 1 - 8, 12), 16)
    pieces = tokens // piece
    if epoch == 0 or at // piece >= pieces:
        return epoch, at
    place = permuted(at // piece, pieces, key("pool", seed, pool, epoch))
    return epoch, place * piece + at % piece


def main() -> None:
    out = ["# Orders by docs/order.md; made by make.py beside this file.\n"]
    for samples, seed, stage in [
        ([5, 3, 2], 0, "one"),
        ([4000, 1500, 37, 1, 0, 2962], 17, "decay"),
        ([1] * 40 + [5000], 18446744073709551615, "预训练"),
        ([4096], 1, "alone"),
    ]:
        order = stage_order(samples, seed, stage)
        shown = sorted({*range(12), *range(4090, 4102), *range(0, len(order), 257), len(order) - 1})
        places = [[g, *order[g]] for g in shown if g < len(order)]
        out.append("[[schedule]]")
        out.append(f'samples = {samples}\nseed = "{seed}"\nstage = "{stage}"')
        out.append("# sample, pool, number in the pool")
        out.append(f"places = {places}\n")
    for n, k in [(1, 5), (2, 5), (10, 0), (100, M), (5000, 123456789)]:
        out.append(f'[[permutation]]\nn = {n}\nkey = "{k}"')
        out.append(f"first = {[permuted(i, n, k) for i in range(min(n, 24))]}\n")
    for pool, seed, tokens in [("en-web", 17, 100_000), ("ru-web", 17, 100_000), ("x", 3, 5000)]:
        asked = sorted({*range(0, 5 * tokens, tokens // 7 + 1), tokens - 1, tokens, 2 * tokens})
        places = [[token, *stream_place(pool, seed, tokens, token)] for token in asked]
        out.append(f'[[stream]]\npool = "{pool}"\nseed = "{seed}"\ntokens = {tokens}')
        out.append(f"# token of the stream, epoch, place in the shards\nplaces = {places}\n")
    Path(__file__).with_name("cases.toml").write_text("\n".join(out), encoding="utf-8")


if __name__ == "__main__":
    main()
