"""Makes pages of different content that share a large template, as shops and manuals do.

    python -m benches.python.make_templates FILE... --output pages.jsonl --pages 1000

A FILE is JSON Lines, perhaps compressed, of real text in one language, named by the end of the
stem (`xx.jsonl.zst`, `web-xx.jsonl.zst`). Its units (see make_large) are the words of the pages: 60
to 75 per cent of the shingles of every page are those of its template, half before and half after
the content. Two contents share one unit at most, so two pages have a Jaccard of 0.43 to 0.64, which
bands propose often and which nobody would call duplicates. `--copies` pages a language are
written once more with one word changed; their ids end in `-copy`. Prints the Jaccards as JSON.
"""
# ruff: noqa: S311 (a seeded generator is what a corpus wants)

from __future__ import annotations

import argparse
import json
import random
import re
from itertools import combinations
from pathlib import Path
from typing import Final

from benches.python.make_large import (
    UNSPACED,
    prime_below,
    shingles_of,
    units_of,
    words_of,
)

CONTENT: Final = 6
"""Units of a page that are its own."""
LEAST, MOST = 0.60, 0.75
"""Of the shingles of a page, the share that is the template's."""


def template_of(units: list[str], share: float) -> int:
    """How many units of a template make this share of a page."""
    return max(2, min(len(units) // 3, round(CONTENT * share / (1 - share))))


def pages_of(units: list[str], language: str, pages: int, share: float) -> list[str]:
    """Pages around one template; by the lines of a plane two contents meet in one unit at most."""
    template = template_of(units, share)
    half, rest = template // 2, units[template:]
    q = prime_below(len(rest) // CONTENT)
    if pages > q * q:
        raise SystemExit(f"{language}: {len(units)} units are too few for {pages} pages")
    made = []
    for number in range(pages):
        a, b = divmod(number, q)
        content = [rest[i * q + (a * i + b) % q] for i in range(CONTENT)]
        parts = [*units[:half], *content, *units[half:template]]
        made.append("\n".join(parts))
    return made


def copy_of(text: str, language: str) -> str:
    """The text with one word of its content replaced by another."""
    middle = len(text) // 2
    if language in UNSPACED:
        return text[:middle] + text[0] + text[middle + 1 :]
    place = text.index(" ", middle)
    end = text.index(" ", place + 1)
    return f"{text[:place]} changed{text[end:]}"


def records_of(path: Path, pages: int, copies: int, seed: int) -> list[dict[str, str]]:
    """All pages of one language; four templates, the largest on half of the pages."""
    language = re.split(r"\W", path.name.split(".", maxsplit=1)[0])[-1]
    units = units_of(path, language, 20_000)
    draw = random.Random(f"{seed} {language}")
    draw.shuffle(units)
    sizes = [pages // 2, pages // 4, pages // 8]
    sizes.append(pages - sum(sizes))
    span = len(units) // len(sizes)
    records = []
    for template, size in enumerate(sizes):
        share = LEAST + (MOST - LEAST) * (template + 1) / (len(sizes) + 1)
        own = units[template * span : (template + 1) * span]
        for number, text in enumerate(pages_of(own, language, size, share)):
            records.append({"id": f"{language}-{template}-{number}", "text": text})
    for record in draw.sample(records, copies):
        text = copy_of(record["text"], language)
        records.append({"id": f"{record['id']}-copy", "text": text})
    return [record | {"lang": language} for record in records]


def jaccards(records: list[dict[str, str]], pairs: int, seed: int) -> list[float]:
    """Of pages that are no copies and share a template, how much two have in common."""
    groups: dict[str, list[dict[str, str]]] = {}
    for record in records:
        if not record["id"].endswith("-copy"):
            groups.setdefault(record["id"].rpartition("-")[0], []).append(record)
    draw, found = random.Random(seed), []
    for group in groups.values():
        some = draw.sample(group, min(len(group), pairs))
        sets = [shingles_of(words_of(one["text"], one["lang"])) for one in some]
        found += [len(one & other) / len(one | other) for one, other in combinations(sets, 2)]
    return found


def main() -> None:
    """Make the pages and say how alike they are."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=1000, help="of a language")
    parser.add_argument("--copies", type=int, default=5, help="of a language, lightly edited")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    records: list[dict[str, str]] = []
    for path in options.files:
        records += records_of(path, options.pages, options.copies, options.seed)
    random.Random(options.seed).shuffle(records)
    with options.output.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    alike = sorted(jaccards(records, 20, options.seed))
    facts = {
        "pages": len(records),
        "copies": options.copies * len(options.files),
        "jaccard_least": round(alike[0], 3),
        "jaccard_median": round(alike[len(alike) // 2], 3),
        "jaccard_most": round(alike[-1], 3),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
