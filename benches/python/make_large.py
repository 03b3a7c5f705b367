"""Makes a corpus of any size for deduplication, with its truth, by recombining real text.

    python benches/python/make_large.py --corpus DIR --output OUT --documents 10000000

DIR holds one `xx.jsonl.zst` per language with the field text. OUT receives `part-*.jsonl`, every
second one compressed, of documents with id, text and lang, and `truth.tsv`: every document of a
cluster of two or more, its cluster, its edit, the document it was made from, and their Jaccard.
The same corpus, seed and number of documents give the same bytes, whatever the threads.

Units. Sentences of real text, or pieces of them, of 8 to 14 words (Chinese and Japanese: 16 to 28
characters). No two units of a language share a shingle.

Originals. The units of a language lie in ten columns of q units, q prime. Document number
a q + b takes from column i the unit (a i + b) mod q, and has eight to ten of them. Two such lines
meet in one point at most, so two originals share at most one unit; the documents of one a draw
without replacement. Of a shared unit they share at most 10 shingles (24 characters), and 8 more if
the words on both sides are the same, of at least 60 (124) each: at most 18 of 102, Jaccard 0.18.
Shingles over the seam of different units can only be equal by chance; `--check` measures it.

Duplicates. A share of the documents (0.1) copies an original: half as it is, half edited: words
replaced or deleted (1 to 10 per cent, scattered or in one run), or the case changed. The size of a
cluster follows P(s) ~ s^-2.5 from 2 to 1,000.
"""
# ruff: noqa: S311 (a seeded generator is what a corpus wants)

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import re
import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import zstandard

Numbers = npt.NDArray[np.int64]

COLUMNS: Final = 10
FEWEST: Final = 8
"""Units of the shortest original."""
SHINGLE: Final = 5
EXPONENT, LARGEST = 2.5, 1000
SHARES: Final = {"en": 34, **dict.fromkeys(("ru", "de", "fr", "es", "it", "pt"), 8)} | {
    "zh": 6,
    "ja": 3,
    "ko": 3,
    "ar": 4,
    "tr": 2,
}
"""Per cent of the originals by language."""
UNSPACED: Final = ("zh", "ja")
WORD: Final = re.compile(r"[^\W_]+")
SENTENCE: Final = re.compile(r"(?<=[.!?;:。！？؟])\s*|\n+")
BLOCK: Final = 2000
"""Documents made at a time."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The units of a language, column after column, as they stand in JSON; and their words."""

    language: str
    per_column: int
    units: list[bytes]
    start: int
    """Number of the language's first original."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where every document comes from. Entities: the originals, then the duplicates."""

    originals: int
    entity: Numbers
    """Position in the corpus to entity."""
    position: Numbers
    """Entity to position."""
    copied: Numbers
    """Duplicate to original."""
    clustered: int
    """Originals 0..clustered of the random order `heads` have duplicates."""
    heads: Numbers


# --- units ------------------------------------------------------------------------------------


def words_of(text: str, language: str) -> list[str]:
    """The words of a text, in lower case; of Chinese and Japanese its characters."""
    low = unicodedata.normalize("NFC", text).lower()
    found = WORD.findall(low)
    return list("".join(found)) if language in UNSPACED else found


def shingles_of(words: list[str]) -> set[tuple[str, ...]]:
    """The set of runs of five words; a shorter text is one."""
    return {tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}


def texts(path: Path) -> Iterator[str]:
    """The texts of one language, as they are."""
    with path.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.TextIOWrapper(stream, encoding="utf-8", errors="replace"):
            with suppress(json.JSONDecodeError):  # the bundled sample has broken lines
                text = json.loads(line).get("text")
                if isinstance(text, str):
                    yield text


def pieces(sentence: str, language: str) -> Iterator[str]:
    """A sentence in pieces of the length of a unit, cut between words; the rest is dropped."""
    if language in UNSPACED:
        for i in range(0, len(sentence) - 27, 28):
            yield sentence[i : i + 28]
        if len(sentence) < 28:
            yield sentence
        return
    tokens = sentence.split()
    for i in range(0, max(1, len(tokens) - 11), 12):
        yield " ".join(tokens[i : i + 12])


def units_of(path: Path, language: str, wanted: int) -> list[str]:
    """Up to so many units of which no two share a shingle."""
    low, high = (16, 28) if language in UNSPACED else (8, 14)
    seen: set[int] = set()
    units: list[str] = []
    for text in texts(path):
        for sentence in SENTENCE.split(unicodedata.normalize("NFC", text)):
            if not 12 <= len(sentence) <= 2000:
                continue
            for piece in pieces(" ".join(sentence.split()), language):
                words = words_of(piece, language)
                if not low <= len(words) <= high or not _spaced_as(piece, language):
                    continue
                own = {hash(shingle) for shingle in shingles_of(words)}
                if len(own) == len(words) - SHINGLE + 1 and seen.isdisjoint(own):
                    seen |= own
                    units.append(piece)
        if len(units) >= wanted:
            break
    return units[:wanted]


def _spaced_as(piece: str, language: str) -> bool:
    """Whether a piece of Chinese or Japanese is mostly that, so that it counts by characters."""
    if language not in UNSPACED:
        return True
    return sum(character > "⿿" for character in piece) * 2 > len(piece)


def prime_below(number: int) -> int:
    """The largest prime up to a number."""
    while number > 2 and any(number % d == 0 for d in range(2, int(number**0.5) + 1)):
        number -= 1
    return number


def _pool(task: tuple[Path, str, int, int]) -> tuple[str, list[str]]:
    path, language, wanted, seed = task
    units = units_of(path / f"{language}.jsonl.zst", language, wanted)
    random.Random(f"{seed} {language}").shuffle(units)
    return language, units


def pools_of(corpus: Path, wanted: int, originals: int, seed: int, threads: int) -> list[Pool]:
    """The units of every language, and which originals are of it."""
    tasks = [(corpus, language, wanted, seed) for language in SHARES]
    with multiprocessing.Pool(threads) as workers:
        found = dict(workers.imap_unordered(_pool, tasks))
    ends = np.cumsum([0, *SHARES.values()]) * originals // 100
    pools = []
    for (start, end), language in zip(pairwise(ends.tolist()), SHARES, strict=True):
        per_column = prime_below(len(found[language]) // COLUMNS)
        if end - start > per_column * (per_column - 1):
            sys.exit(f"{language}: {len(found[language])} units are too few for {end - start}")
        inner = [json.dumps(unit, ensure_ascii=False)[1:-1].encode() for unit in found[language]]
        pools.append(Pool(language, per_column, inner, start))
    return pools


# --- which document is what -------------------------------------------------------------------


def plan_of(documents: int, share: float, seed: int) -> Plan:
    """Clusters by the power law, and the place of every document."""
    rng = np.random.default_rng(seed)
    duplicates = int(documents * share)
    sizes = np.arange(2, LARGEST + 1)
    law = sizes**-EXPONENT
    drawn = rng.choice(sizes, duplicates, p=law / law.sum())  # more than enough
    copies = drawn - 1
    clusters = int(np.searchsorted(np.cumsum(copies), duplicates))
    copies = copies[: clusters + 1]
    copies[-1] -= int(copies.sum()) - duplicates
    originals = documents - duplicates
    heads = rng.permutation(originals)[: len(copies)]
    entity = rng.permutation(documents)
    position = np.empty(documents, dtype=np.int64)
    position[entity] = np.arange(documents)
    return Plan(originals, entity, position, np.repeat(heads, copies), len(copies), heads)


# --- documents --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the text of any document from its number."""

    pools: list[Pool]
    plan: Plan
    seed: int

    def originals(self, numbers: Numbers) -> list[tuple[str, bytes]]:
        """Language and text, as it stands in JSON, of these originals."""
        starts = np.array([pool.start for pool in self.pools])
        which = np.searchsorted(starts, numbers, side="right") - 1
        made: list[tuple[str, bytes]] = [("", b"")] * len(numbers)
        for index, pool in enumerate(self.pools):
            places = np.flatnonzero(which == index)
            local = numbers[places] - pool.start
            a, b = local // pool.per_column, local % pool.per_column
            columns = np.arange(COLUMNS)
            rows = (a[:, None] * columns + b[:, None]) % pool.per_column
            rows += columns * pool.per_column
            counts = FEWEST + (local * 7 + a) % (COLUMNS - FEWEST + 1)
            units, language = pool.units, pool.language
            for place, row, count in zip(
                places.tolist(), rows.tolist(), counts.tolist(), strict=True
            ):
                chosen = itemgetter(*row[:count])(units)
                made[place] = (
                    language,
                    b" ".join(chosen[:4]) + b"\\n" + b" ".join(chosen[4:]),
                )
        return made

    def duplicate(self, number: int, language: str, inner: bytes) -> tuple[bytes, str, float]:
        """An original copied: its text as it stands in JSON, the edit, the Jaccard."""
        draw = random.Random(self.seed * 1_000_003 + number)
        kind = draw.random()
        if kind < 0.5:
            return inner, "exact", 1.0
        text: str = json.loads(b'"' + inner + b'"')
        if kind < 0.55:
            changed, name = text.upper(), "case"
        else:
            percent = draw.randint(1, 10)
            changed = edited(text, language, percent, run=kind < 0.775, draw=draw)
            name = f"{'run' if kind < 0.775 else 'words'}{percent}"
        one, other = (shingles_of(words_of(t, language)) for t in (text, changed))
        encoded = json.dumps(changed, ensure_ascii=False)[1:-1].encode()
        return encoded, name, len(one & other) / len(one | other)


def edited(text: str, language: str, percent: int, *, run: bool, draw: random.Random) -> str:
    """A text with so many per cent of its words replaced by others of it, or deleted."""
    unspaced = language in UNSPACED
    tokens = list(text) if unspaced else text.split(" ")
    amount = max(1, round(len(tokens) * percent / 100))
    if run:
        first = draw.randrange(len(tokens) - amount + 1)
        places = range(first, first + amount)
    else:
        places = sorted(draw.sample(range(len(tokens)), amount))  # type: ignore[assignment]
    for place in places:
        tokens[place] = "" if draw.random() < 0.5 else draw.choice(tokens)
    return ("" if unspaced else " ").join(tokens)


# --- files ------------------------------------------------------------------------------------

MAKER: Maker | None = None
"""Of the process and its forks: too large to send."""


def _part(task: tuple[Path, int, int, int]) -> tuple[int, int]:
    """Writes one part and its truth; answers bytes of text and of the file."""
    output, number, start, end = task
    if MAKER is None:
        raise RuntimeError("no maker")
    plan = MAKER.plan
    lines: list[bytes] = []
    truth: list[str] = []
    is_head = np.zeros(plan.originals, dtype=bool)
    is_head[plan.heads] = True
    for block in range(start, end, BLOCK):
        entities = plan.entity[block : min(end, block + BLOCK)]
        copies = entities >= plan.originals
        sources = entities.copy()
        sources[copies] = plan.copied[entities[copies] - plan.originals]
        made = MAKER.originals(sources)
        clustered = np.flatnonzero(copies | is_head[sources])
        known = {}
        for place in clustered.tolist():
            entity, source = int(entities[place]), int(sources[place])
            origin = int(plan.position[source])
            edit, value = "original", 1.0
            if copies[place]:
                language, inner = made[place]
                inner, edit, value = MAKER.duplicate(entity, language, inner)
                made[place] = language, inner
            known[place] = f"d{block + place}\t{origin}\t{edit}\td{origin}\t{value!r}\n"
        truth += [known[place] for place in sorted(known)]
        lines += [
            b'{"id":"d%d","text":"%b","lang":"%b"}\n' % (block + place, inner, language.encode())
            for place, (language, inner) in enumerate(made)
        ]
    data = b"".join(lines)
    path = output / f"part-{number:04}.jsonl"
    if number % 2:
        path = path.with_name(f"{path.name}.zst")
        data = zstandard.compress(data, 1)
    path.write_bytes(data)
    (output / f"truth-{number:04}.tmp").write_text("".join(truth), encoding="utf-8")
    return sum(len(line) for line in lines), len(data)


def write(
    maker: Maker, documents: int, output: Path, per_part: int, threads: int
) -> tuple[int, int]:
    """Writes all parts; answers bytes of JSON Lines and of the files."""
    global MAKER  # noqa: PLW0603 (what forks share)
    MAKER = maker
    tasks = [
        (output, number, start, min(documents, start + per_part))
        for number, start in enumerate(range(0, documents, per_part))
    ]
    context = multiprocessing.get_context("fork")
    with context.Pool(threads) as workers:
        sizes = workers.map(_part, tasks, chunksize=1)
    with (output / "truth.tsv").open("wb") as file:
        file.write(b"id\tcluster\tedit\torigin\tjaccard\n")
        for path in sorted(output.glob("truth-*.tmp")):
            file.write(path.read_bytes())
            path.unlink()
    return sum(size[0] for size in sizes), sum(size[1] for size in sizes)


def check(maker: Maker, pairs: int, seed: int) -> float:
    """The largest Jaccard of pairs of originals that share a unit; of random ones it is less."""
    draw = random.Random(seed)
    largest = 0.0
    ends = [pool.start for pool in maker.pools[1:]] + [maker.plan.originals]
    for _ in range(pairs):
        index = draw.choices(range(len(ends)), weights=list(SHARES.values()))[0]
        pool, end = maker.pools[index], ends[index]
        q = pool.per_column
        one = draw.randrange(end - pool.start)
        a, b = divmod(one, q)
        column = draw.randrange(FEWEST)
        other_a = draw.randrange((end - pool.start + q - 1) // q)
        other = other_a * q + ((a - other_a) * column + b) % q
        if other == one or other >= end - pool.start:
            continue
        both = maker.originals(np.array([one + pool.start, other + pool.start]))
        sets = [
            shingles_of(words_of(json.loads(b'"' + inner + b'"'), language))
            for language, inner in both
        ]
        largest = max(largest, len(sets[0] & sets[1]) / len(sets[0] | sets[1]))
    return largest


def main() -> None:
    """Make the corpus and say what it is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--duplicates", type=float, default=0.1, help="share of the documents")
    parser.add_argument("--units", type=int, default=100_000, help="of a language, at most")
    parser.add_argument("--per-part", type=int, default=250_000)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--check", type=int, default=20_000, help="pairs to compare exactly")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    plan = plan_of(options.documents, options.duplicates, options.seed)
    started = time.perf_counter()
    pools = pools_of(options.corpus, options.units, plan.originals, options.seed, options.threads)
    maker = Maker(pools, plan, options.seed)
    read = time.perf_counter()
    plain, written = write(
        maker, options.documents, options.output, options.per_part, options.threads
    )
    seconds = time.perf_counter() - read
    facts = {
        "documents": options.documents,
        "duplicates": options.documents - plan.originals,
        "clusters": plan.clustered,
        "json_bytes": plain,
        "disk_bytes": written,
        "units": {pool.language: pool.per_column * COLUMNS for pool in pools},
        "largest_jaccard_of_unrelated": check(maker, options.check, options.seed),
        "seconds_for_units": round(read - started, 1),
        "mb_per_s": round(plain / 1e6 / seconds, 1),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
