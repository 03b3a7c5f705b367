"""Checks every removal of a deduplication from the texts alone; shares no code with any engine.

    python benches/peers/dedup_evidence.py documents.jsonl removed.tsv [--distinct pairs.tsv]

The documents are JSON Lines (or .zst) with id, text and perhaps lang. A line of the removed file is: removed id, kept id[,
similarity[, measure]]. For each the measure is computed again by two definitions:

golden   words of the text without control characters (but tab and line ends), in NFC and lower case: maximal runs of
         letters, combining marks and digits, where a character of Han, Hiragana, Katakana, Thai, Lao, Khmer or Myanmar
         is a word of its own; if at least a tenth of these characters are of those scripts, every one of them is a word.
         A shingle is 5 words; a shorter text is one shingle.
readme   words are re.findall(r"\\w+") of the same text; in zh and ja single \\w characters.

`--by-words` is the golden definition without the tenth. `--distinct` names pairs (id, id[, jaccard]) that are not duplicates: of a pair
below `--distinct-below` neither may have been removed for the sake of the other. Prints one JSON line; the exit
status is 1 if a removal has no evidence.
"""

import argparse
import io
import json
import re
import sys
import unicodedata
from pathlib import Path

import regex

WORD = regex.compile(r"[\p{L}\p{Nl}\p{M}\p{Nd}]")
SINGLE = regex.compile(
    r"[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]"
)
# What the base text of a document does not have, beside line ends other than LF.
CONTROL = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\p{Noncharacter_Code_Point}]")
README_WORD, README_CHARACTER = re.compile(r"\w+"), re.compile(r"\w")


KINDS = {}


def kind(character):
    """0 separates, 1 is part of a word, 2 is a word of its own."""
    known = KINDS.get(character)
    if known is None:
        known = 0
        if WORD.match(character):
            # Marks that Thai or Chinese shares with Latin or Cyrillic are no characters of theirs.
            known = 2 if character >= "\u0e00" and SINGLE.match(character) else 1
        KINDS[character] = known
    return known


def golden_words(text, *, tenth=True):
    """The words of the golden definition, lower case."""
    text = unicodedata.normalize("NFC", CONTROL.sub("", text))
    kinds = [kind(character) for character in text]
    total, single = sum(map(bool, kinds)), kinds.count(2)
    if tenth and total and single * 10 >= total:
        return [character.lower() for character, what in zip(text, kinds, strict=True) if what]
    words, run = [], []
    for character in text.lower():
        what = kind(character)
        if what == 1:
            run.append(character)
            continue
        if run:
            words.append("".join(run))
            run = []
        if what:
            words.append(character)
    if run:
        words.append("".join(run))
    return words


def readme_words(text, lang):
    """The words of the corpus README."""
    pattern = README_CHARACTER if lang in ("zh", "ja") else README_WORD
    return pattern.findall(unicodedata.normalize("NFC", text).lower())


def shingles(words, n):
    """The set of runs of n words; a shorter list is one, an empty one none."""
    if not words:
        return frozenset()
    return frozenset(tuple(words[k : k + n]) for k in range(max(1, len(words) - n + 1)))


def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def containment(a, b):
    """How much of the smaller set is in the other."""
    small, large = sorted((a, b), key=len)
    return len(small & large) / len(small) if small else 0.0


def lines(path):
    """The lines of a file, compressed or not."""
    if path.suffix == ".zst":
        import zstandard

        with path.open("rb") as file:
            yield from io.TextIOWrapper(
                zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8"
            )
    else:
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from file


def documents(paths, wanted):
    """Text and language of the wanted ids."""
    found = {}
    for path in paths:
        for line in lines(path):
            record = json.loads(line)
            if record["id"] in wanted:
                found[record["id"]] = (record["text"].replace("\0", " "), record.get("lang", ""))
    return found


def read_removed(path):
    rows = [line.rstrip("\n").split("\t") for line in lines(path)]
    return [row + [""] * (4 - len(row)) for row in rows if row[0] != "id"]


class Judge:
    """Sets of documents by definition, few kept at a time: removals of one kept document come together."""

    def __init__(self, texts, options):
        self.texts, self.options, self.cache = texts, options, {}

    def sets(self, i):
        if i not in self.cache:
            if len(self.cache) > 256:
                self.cache.clear()
            text, lang = self.texts[i]
            n = self.options.shingle
            self.cache[i] = (
                shingles(golden_words(text, tenth=not self.options.by_words), n),
                shingles(readme_words(text, lang), n),
            )
        return self.cache[i]

    def measures(self, one, other):
        """Golden Jaccard and containment, and the README's Jaccard."""
        (golden_a, readme_a), (golden_b, readme_b) = self.sets(one), self.sets(other)
        return (
            jaccard(golden_a, golden_b),
            containment(golden_a, golden_b),
            jaccard(readme_a, readme_b),
        )


def judge_removals(rows, judge, options):
    removed = {row[0] for row in rows}
    report = dict.fromkeys(
        (
            "evidence",
            "readme_at_0.75",
            "kept_removed_too",
            "unknown",
            "value_errors",
            "containment",
        ),
        0,
    )
    report |= {"without": [], "wrong_values": []}
    worst, largest_error = 1.0, 0.0
    for one, kept, value, measure in sorted(rows, key=lambda row: row[1]):
        report["kept_removed_too"] += kept in removed
        if one not in judge.texts or kept not in judge.texts:
            report["unknown"] += 1
            continue
        golden, contained, readme = judge.measures(one, kept)
        by_containment = measure == "containment"
        report["containment"] += by_containment
        own = contained if by_containment else golden
        threshold = options.containment if by_containment else options.threshold
        if own >= threshold:
            report["evidence"] += 1
        elif len(report["without"]) < 10:
            report["without"].append([one, kept, measure, value, own])
        report["readme_at_0.75"] += (contained if by_containment else readme) >= 0.75
        worst = min(worst, own)
        if value:
            error = abs(float(value) - own)
            largest_error = max(largest_error, error)
            report["value_errors"] += error > 1e-12
            if error > 1e-12 and len(report["wrong_values"]) < 10:
                report["wrong_values"].append([one, kept, value, own])
    count = max(1, len(rows))
    return report | {
        "removed": len(rows),
        "listed_twice": len(rows) - len(removed),
        "share_with_evidence": report["evidence"] / count,
        "share_readme_at_0.75": report["readme_at_0.75"] / count,
        "smallest_measure": worst,
        "largest_value_error": largest_error,
    }


def judge_distinct(path, rows, below):
    """How many of the pairs known as distinct were removed for the sake of each other."""
    kept_for = {row[0]: row[1] for row in rows}
    pairs = lost = 0
    for line in lines(path):
        one, other, *rest = line.rstrip("\n").split("\t")
        if one in ("id", "id_a") or (rest and float(rest[0]) >= below):
            continue
        pairs += 1
        lost += kept_for.get(one) == other or kept_for.get(other) == one
    return {"distinct_pairs": pairs, "distinct_lost": lost}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "documents", type=Path, nargs="+", help="JSON Lines, then the removed file last"
    )
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--containment", type=float, default=0.9)
    parser.add_argument("--shingle", type=int, default=5)
    parser.add_argument("--by-words", action="store_true")
    parser.add_argument("--distinct", type=Path)
    parser.add_argument("--distinct-below", type=float, default=0.6)
    options = parser.parse_args()
    *paths, removed = options.documents
    rows = read_removed(removed)
    judge = Judge(documents(paths, {i for row in rows for i in row[:2]}), options)
    report = judge_removals(rows, judge, options)
    if options.distinct:
        report |= judge_distinct(options.distinct, rows, options.distinct_below)
    print(json.dumps(report, ensure_ascii=False))
    sys.exit(
        not (
            report["evidence"] == len(rows)
            and not report["kept_removed_too"]
            and not report["value_errors"]
        )
    )


if __name__ == "__main__":
    main()
