# ruff: noqa: D103, E501 (as in language_data.py)
"""Make the rows of `language_data.py` like pages: with code, markup and names among the sentences, as documents have them.

What is not of a language tells nothing of it, so that
- a text that stands among the English ones too is left out of other languages: it was not translated;
- words in Latin letters are taken out of texts of languages of other scripts;
- pages of the corpus, a few lines each, are added, from seven documents of ten: English ones as they stand, others without
  lines that stand in English pages too, or in pages of three languages, or that read as English;
- one text in five gets a few lines of code before or behind it, drawn alike for all languages; lines of code alone are
  English, of which their words are, and so are the rows of `language_packages.py`.

    python benches/python/language_mix.py learn.tsv --corpus corpus --packages packages.tsv --exclude corpus/lid/*.tsv -o pages.tsv
"""

from __future__ import annotations

import argparse
import json
import random
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from language_data import clean, compared, keyed, learnt_from, script, zstd_lines

PAGES: dict[str, int] = {"en": 14_000}
"""Pieces of pages of a language; `PAGES_OTHERS` of the others."""
PAGES_OTHERS = 2_500
LINES = 60_000
"""Lines of code to draw from."""
MIXED, ALONE = 0.2, 1_200
"""The share of texts with code, and the texts that are code alone."""
SAID = 3
"""Of the commonest words of its language so many stand in a piece of a page: it is not all code."""
LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9_'’-]*")
CODE = re.compile(r"[(){}\[\];=<>/_$#@\\|*+]")

ENGLISH_ALONE = {"the", "this", "with", "which", "when", "from", "are", "you", "these"}
ENGLISH = {"of", "and", "to", "is", "for", "in", "a", "not", "be", "or", "can", "if"}

Row = tuple[str, str, str]
"""Label, source, text."""


def is_code(line: str) -> bool:
    """In ASCII, with signs that sentences have not."""
    return line.isascii() and 8 <= len(line) <= 160 and len(CODE.findall(line)) >= 0.08 * len(line)


def says_english(line: str) -> bool:
    """With two of the commonest words of English, one of them in no other language of the corpus."""
    words = set(line.lower().split())
    return bool(words & ENGLISH_ALONE) and len(words & (ENGLISH_ALONE | ENGLISH)) >= 2


def lines_of(document: dict[str, str]) -> list[str]:
    return [line.strip() for line in document["text"].split("\n") if line.strip()]


def learnt_documents(path: Path) -> Iterator[dict[str, str]]:
    return (d for d in map(json.loads, zstd_lines(path)) if learnt_from(d["id"]))


def untranslated(paths: list[Path]) -> set[int]:
    """Hashes of the lines that stand in English pages, or in pages of three languages."""
    where: dict[int, int] = defaultdict(int)
    for number, path in enumerate(sorted(paths, key=lambda path: not path.name.startswith("en."))):
        for document in learnt_documents(path):
            for line in lines_of(document):
                where[line_key(line)] |= 1 << number
    return {key for key, found in where.items() if found & 1 or found.bit_count() >= 3}


def line_key(line: str) -> int:
    return zlib.crc32(compared(line).encode())


def pages(corpus: Path, excluded: set[str]) -> tuple[list[Row], list[str]]:
    """Pieces of documents of three to eight lines, and lines of code."""
    rows: list[Row] = []
    code: set[str] = set()
    draw = random.Random("pages")  # noqa: S311
    paths = sorted((corpus / "corpus").glob("*.jsonl.zst"))
    foreign = untranslated(paths)
    for path in paths:
        label = path.name.split(".")[0]
        found = []
        for document in learnt_documents(path):
            lines = lines_of(document)
            code.update(line for line in lines if is_code(line))
            if label != "en":
                lines = [x for x in lines if line_key(x) not in foreign and not says_english(x)]
            for _ in range(min(3, 1 + len(lines) // 12) if lines else 0):
                start, length = draw.randrange(len(lines)), draw.randint(3, 8)
                piece = lines[start : start + length]
                if not any(compared(line) in excluded for line in piece):
                    found.append(clean(" ".join(piece)))
        name = label if label != "zh" else ""
        most = PAGES.get(label, PAGES_OTHERS)
        rows += [(name or chinese(piece), "pages", piece) for piece in keyed(found, "pages")[:most]]
    return rows, keyed(sorted(code), "code")[:LINES]


def chinese(text: str) -> str:
    """By signs that one of the two ways of writing has alone."""
    simple = sum(c in "这为国个们时说对会来学发后过还开关门问间东车长马见" for c in text)
    full = sum(c in "這為國個們時說對會來學發後過還開關門問間東車長馬見" for c in text)
    return "zh-hant" if full > simple else "zh-hans"


def common_words(rows: list[Row], label: str) -> set[str]:
    """The fifty commonest words of its texts."""
    counts = Counter(w for row in rows if row[0] == label for w in row[2].lower().split())
    return {word for word, _ in counts.most_common(50) if word.isalpha()}


def is_said(text: str, label: str, common: set[str]) -> bool:
    """Sentences of its language are in it; the scripts of Chinese, Japanese and Korean say so by themselves."""
    if label == "en":
        return True
    if label in ("ja", "ko", "zh-hans", "zh-hant"):
        return sum(c >= "\u3040" for c in text) >= 10
    return len(common.intersection(text.lower().split())) >= SAID


def mix(rows: list[Row], added: list[Row], code: list[str]) -> list[Row]:
    english = {compared(text) for label, _, text in rows if label == "en"}
    scripts: dict[str, Counter[str]] = defaultdict(Counter)
    for label, _, text in rows:
        scripts[label][script(text)] += 1
    latin = {label for label, found in scripts.items() if found.most_common(1)[0][0] == "LATIN"}
    common = {label: common_words(rows, label) for label in sorted({row[0] for row in added})}
    draw = random.Random("mix")  # noqa: S311
    mixed: list[Row] = []
    for label, source, raw in rows + added:
        text = raw
        if source == "pages" and not is_said(raw, label, common[label]):
            continue
        if label not in ("en", "zxx") and compared(text) in english:
            continue
        if label not in latin and label != "zxx":
            text = " ".join(LATIN.sub(" ", raw).split())
        if len(compared(text)) < 3:
            continue
        if label != "zxx" and draw.random() < MIXED:
            lines = " ".join(draw.choices(code, k=draw.randint(1, 4)))[: draw.randint(20, 300)]
            text = f"{lines} {text}" if draw.random() < 0.5 else f"{text} {lines}"
        mixed.append((label, source, text))
    for _ in range(ALONE):
        lines = " ".join(draw.choices(code, k=draw.randint(2, 6)))
        mixed.append(("en", "code", clean(lines)))
    return mixed


def rows_of(path: Path) -> list[Row]:
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").split("\n"))
    return [(fields[0], fields[1], fields[2]) for fields in lines if len(fields) == 3]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument(
        "--packages", type=Path, metavar="TSV", help="Rows of language_packages.py."
    )
    parser.add_argument("--exclude", type=Path, nargs="*", default=[], metavar="TSV")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    excluded = {
        compared(line.rsplit("\t", 1)[-1])
        for path in options.exclude
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    rows = rows_of(options.rows)
    mixed = mix(rows, *pages(options.corpus, excluded))
    mixed += rows_of(options.packages) if options.packages else []
    with options.output.open("w", encoding="utf-8") as file:
        file.writelines(f"{label}\t{source}\t{text}\n" for label, source, text in mixed)
    print(f"{len(rows)} texts, {len(mixed)} after")


if __name__ == "__main__":
    main()
