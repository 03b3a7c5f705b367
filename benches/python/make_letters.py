"""Makes rust/quality/data/letters.bin: how likely a letter is after another in good text.

    python benches/python/make_letters.py CORPUS LID_TRAIN [--without NOISE]

CORPUS: a folder of LANG.jsonl.zst (`id`, `text`). LID_TRAIN: a folder with common_voice.tsv.zst
and udhr.tsv.zst. NOISE: a JSONL file of broken texts; the documents of the corpus that they were
made from (`source`: id) are left out. Every language weighs the same within its group, so that a
frequent one does not make the letters of another look wrong.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import zstandard

SLOTS = 1 << 18
PAIRS = 150_000
UNITS = 16.0  # per nat
DISCOUNT = 0.75
CORPUS_CHARACTERS = 3_000_000
WEIGHTS = {"corpus": 3.0, "voice": 1.0, "udhr": 0.1}


def lines(path: Path) -> Iterator[str]:
    """Lines of a compressed file."""
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
        yield from io.TextIOWrapper(stream, encoding="utf-8", newline="\n")


def folded(text: str) -> list[int]:
    """As `fold` in rust/quality/src/clean/letters.rs."""
    return [fold(ord(c)) for c in text]


def fold(c: int) -> int:
    """One character of the table."""
    if c < 0x20 or c == 0xA0 or 0x2000 <= c <= 0x200A or c in (0x202F, 0x205F, 0x3000):
        return 0x20
    if 0x30 <= c <= 0x39:
        return 0x30
    if c <= 0xFFFF:
        return c
    if 0x1F000 <= c <= 0x1FAFF:
        return 0xE000
    return 0xE001 if 0x20000 <= c <= 0x3FFFF else 0xE002


def slot(a: int, b: int) -> tuple[int, int]:
    """Where a pair is looked for, and the mark that it has there."""
    h = (a * 0x9E3779B1 + b * 0x85EBCA77) & 0xFFFFFFFF
    h ^= h >> 15
    h = (h * 0x2C1B3C6D) & 0xFFFFFFFF
    h ^= h >> 13
    return h & (SLOTS - 1), max(1, h >> 24)


def count(texts: list[str]) -> Counter[tuple[int, int]]:
    """Pairs of characters that follow each other."""
    pairs: Counter[tuple[int, int]] = Counter()
    for text in texts:
        codes = [0x20, *folded(unicodedata.normalize("NFC", text)), 0x20]
        pairs.update(itertools.pairwise(codes))
    return pairs


def corpus(folder: Path, without: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Texts by language."""
    for path in sorted(folder.glob("*.jsonl.zst")):
        texts, size = [], 0
        for line in lines(path):
            row = json.loads(line)
            if row["id"] in without:
                continue
            # The start of each document, so that no long book rules its language.
            texts.append(row["text"][:3000])
            size += len(texts[-1])
            if size > CORPUS_CHARACTERS:
                break
        yield path.name.split(".")[0], texts


def sentences(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Sentences by label."""
    by: dict[str, list[str]] = defaultdict(list)
    for line in lines(path):
        label, _, text = line.rstrip("\n").split("\t", 2)
        by[label].append(text)
    yield from sorted(by.items())


def main() -> None:
    """Count, weigh and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("lid_train", type=Path)
    parser.add_argument("--without", type=Path)
    parser.add_argument("-o", type=Path, default=Path("rust/quality/data/letters.bin"))
    args = parser.parse_args()
    without: set[str] = set()
    if args.without:
        rows = (json.loads(line) for line in args.without.open())
        without = {row.get("source") for row in rows}
    groups = {
        "corpus": corpus(args.corpus, without),
        "voice": sentences(args.lid_train / "common_voice.tsv.zst"),
        "udhr": sentences(args.lid_train / "udhr.tsv.zst"),
    }
    weight: dict[tuple[int, int], float] = defaultdict(float)
    for group, languages in groups.items():
        for _, texts in languages:
            pairs = count(texts)
            total = sum(pairs.values())
            share = WEIGHTS[group] * 1e6 / total
            for pair, n in pairs.items():
                # What occurs once in a language says little, and may be a slip.
                if n > 1 or group != "corpus":
                    weight[pair] += n * share
    args.o.parent.mkdir(parents=True, exist_ok=True)
    args.o.write_bytes(table(weight))


def cost(p: float) -> int:
    """A probability as the table holds it."""
    return max(0, min(255, round(-math.log(p) * UNITS)))


def table(weight: dict[tuple[int, int], float]) -> bytes:
    """The table of these weights."""
    first: dict[int, float] = defaultdict(float)
    second: dict[int, float] = defaultdict(float)
    for (a, b), n in weight.items():
        first[a] += n
        second[b] += n
    total = sum(second.values())
    alone = np.full(65536, 255, np.uint8)
    for b, n in second.items():
        alone[b] = cost(n / total)
    asked = [(a, b) for a, b in weight if a >= 0x80 or b >= 0x80]
    kept = sorted(asked, key=lambda pair: (-gain(pair, weight, first, second, total), pair))[:PAIRS]
    kept_mass: dict[int, float] = defaultdict(float)
    for a, b in kept:
        kept_mass[a] += weight[a, b] * DISCOUNT
    # Pairs of ASCII are known as well, though nobody asks for them.
    for (a, b), n in weight.items():
        if a < 0x80 and b < 0x80:
            kept_mass[a] += n
    back = np.zeros(65536, np.uint8)
    for a, n in first.items():
        # What is left for the pairs not kept; +1 keeps rare letters from saying much.
        back[a] = cost(min(1.0, (n - kept_mass[a] + 1.0) / (n + 1.0)))
    marks, costs = np.zeros(SLOTS, np.uint8), np.zeros(SLOTS, np.uint8)
    for a, b in kept:
        at, mark = slot(a, b)
        while marks[at]:
            at = (at + 1) % SLOTS
        marks[at], costs[at] = mark, cost(weight[a, b] / (first[a] + 1.0))
    return alone.tobytes() + back.tobytes() + marks.tobytes() + costs.tobytes()


def gain(
    pair: tuple[int, int],
    weight: dict[tuple[int, int], float],
    first: dict[int, float],
    second: dict[int, float],
    total: float,
) -> float:
    """What a pair tells beyond its second letter, by how often it does."""
    a, b = pair
    return weight[pair] * math.log(weight[pair] * total / (first[a] * second[b]) + 1.0)


if __name__ == "__main__":
    main()
