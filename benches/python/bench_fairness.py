"""How evenly twelve languages pay: classic, weighted and parity-aware vocabularies side by side.

Trains each on the same documents and measures it on parallel text that none of them saw. The
parallel text is the pages of two translated handbooks of the development corpus (the same file path
in each language); they are taken out of the training text. Pages with an even CRC of their path are
development text, on which parity is measured while training; all others are for evaluation.

The cost of a language is its tokens for a byte of the same pages in English. Gini: `gini` of
`gamayun_data.fairness`. CPU seconds are of training from the table of pretokens, one thread.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
import zlib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import gamayun_data as gd
from gamayun_data.fairness import gini, premiums, spread, temperature_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TWELVE: Final = ("en", "ru", "de", "fr", "es", "it", "pt", "zh", "ja", "ko", "ar", "tr")
HANDBOOKS: Final = {
    "microsoft+IoT-For-Beginners:": re.compile(r"(?:translations/[^/]+/)?(.*)"),
    "github+opensource.guide:": re.compile(r"(?:.*/)?([^/]+)"),
}
NOT_PROSE: Final = re.compile(r"<!--.*?-->|```.*?```", re.DOTALL)


class Made(NamedTuple):
    """A tokenizer and the CPU seconds of its training."""

    tokenizer: gd.Tokenizer
    seconds: float


def page_of(identity: str) -> str | None:
    """The page that a document is a translation of, if it is of a handbook."""
    for prefix, pattern in HANDBOOKS.items():
        if identity.startswith(prefix):
            found = pattern.fullmatch(identity.removeprefix(prefix))
            return prefix + found[1] if found else None
    return None


def documents(paths: list[Path]) -> Iterator[tuple[str, str, str]]:
    """Id, language and text of the documents of JSONL files."""
    for path in paths:
        with path.open(encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                yield record["id"], record["lang"], record["text"]


def parallel_texts(paths: list[Path]) -> tuple[gd.ParallelText, gd.ParallelText]:
    """Development and evaluation text: the pages that there are in English."""
    rows: list[list[tuple[str, str, str]]] = [[], []]
    seen = set()
    for identity, language, text in documents(paths):
        page = page_of(identity)
        prose = NOT_PROSE.sub("", text).strip()
        if page and prose and language in TWELVE and (language, page) not in seen:
            seen.add((language, page))
            rows[zlib.crc32(page.encode()) % 2].append((language, page, prose))
    development, evaluation = (gd.ParallelText.of(some, reference="en") for some in rows)
    return development, evaluation


def counted(paths: list[Path], split: str) -> gd.PretokenCounts:
    """The counts of all other documents."""
    texts = defaultdict(list)
    for identity, language, text in documents(paths):
        if page_of(identity) is None:
            texts[language].append(text)
    return gd.PretokenCounts.of_texts(texts, split=split, threads=1)


def timed(train: Callable[[], gd.Tokenizer]) -> Made:
    """Train and take the time."""
    start = time.process_time()
    return Made(train(), time.process_time() - start)


def variants(
    counts: gd.PretokenCounts, development: gd.ParallelText, size: int
) -> Iterator[tuple[str, Made]]:
    """Name and train what is compared."""
    sizes = {row.language: row.bytes for row in counts.languages}
    targets = {
        language: sum(len(text.encode()) for text in development.texts(language))
        / development.content(language)
        for language in sizes
    }

    def classic(weights: dict[str, float] | None = None) -> Made:
        return timed(lambda: counts.train(size, weights=weights, threads=1))

    def parity(*, hybrid: int = 0, window: int | None = None, by_target: bool = False) -> Made:
        return timed(
            lambda: gd.train_parity(
                counts,
                [size],
                parallel=None if by_target else development,
                targets=targets if by_target else None,
                hybrid=hybrid,
                window=window,
                threads=1,
            ).tokenizers[0]
        )

    yield "classic", classic()
    yield "classic, T = 2", classic(temperature_weights(sizes, 2))
    yield "classic, equal", classic(temperature_weights(sizes, math.inf))
    yield "parity", parity()
    yield "parity, window 100", parity(window=100)
    yield f"parity, hybrid {size // 2:,}", parity(hybrid=size // 2)
    yield f"parity, hybrid {size // 2:,}, window 100", parity(hybrid=size // 2, window=100)
    yield "parity by targets", parity(by_target=True)


def cells(made: Made, text: gd.ParallelText) -> dict[str, float]:
    """What a tokenizer costs each language, and the sums of it."""
    languages = [language for language in TWELVE if language in text.languages]
    tokens = {name: made.tokenizer.encode_batch(text.texts(name))[0].size for name in languages}
    costs: dict[str, float] = {name: tokens[name] / text.content(name) for name in languages}
    english = sum(len(line.encode()) for line in text.texts("en")) / tokens["en"]
    return {
        "gini": gini(costs.values()),
        "max/min": spread(costs.values()),
        "bytes/token en": english,
        "mean cost": math.fsum(costs.values()) / len(costs),
        "cpu_s": made.seconds,
        **{f"premium {name}": value for name, value in premiums(costs, "en").items()},
    }


def main() -> None:
    """Print a line of JSON for each variant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path, nargs="+", help="JSONL with id, lang, text")
    parser.add_argument("--corpus", type=Path, required=True, help="JSONL that holds the handbooks")
    parser.add_argument("--vocab-size", type=int, default=64_000)
    parser.add_argument("--split", default="gamayun")
    arguments = parser.parse_args()
    development, evaluation = parallel_texts([arguments.corpus])
    counts = counted(arguments.train, arguments.split)
    for name, made in variants(counts, development, arguments.vocab_size):
        shown = {key: round(value, 4) for key, value in cells(made, evaluation).items()}
        print(json.dumps({"variant": name, **shown}), flush=True)


if __name__ == "__main__":
    main()
