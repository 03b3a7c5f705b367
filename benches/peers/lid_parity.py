"""Compares language scores with the official fastText library, text by text, on the same model.

    python benches/peers/lid_parity.py --corpus DIR [--model FILE] [--k 3] [--documents N]

DIR holds `lid/*.tsv` (the text is the last column) and `corpus/*.jsonl.zst` (a field `text`). Needs gamayun_data and
fasttext 0.9.2 (`pip install fasttext-wheel==0.9.2 'numpy<2'`) in one environment, or the official answers from another:
`--official-python PATH` names its interpreter. Exits with 1 if a label or a 32-bit probability differs.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import struct
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "python/gamayun_data/data/lid.176.ftz"
BATCH = 2000

OFFICIAL = """
import json, sys, time
import fasttext
model, spent = fasttext.load_model(sys.argv[1]), 0.0
for line in sys.stdin:
    text = json.loads(line).replace("\\n", " ") + "\\n"
    started = time.process_time()
    found = model.f.predict(text, int(sys.argv[2]), 0.0, "strict")
    spent += time.process_time() - started
    print(json.dumps([(label.removeprefix("__label__"), p) for p, label in found]))
print(spent)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Language scores against the official library.")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=BUNDLED)
    parser.add_argument("--k", type=int, default=3)
    parser.add_argument("--documents", type=int, default=200, help="whole documents a language")
    parser.add_argument("--official-python", default=sys.executable)
    options = parser.parse_args()

    sets = {path.name: lines(path) for path in sorted((options.corpus / "lid").glob("*.tsv"))}
    for path in sorted((options.corpus / "corpus").glob("*.jsonl.zst")):
        sets[path.name] = documents(path, options.documents)

    wrong = 0
    print(
        f"{'set':24} {'texts':>7} {'MB':>7} {'labels':>7} {'bits':>6} {'max |dp|':>9} {'official':>9} {'ours':>7}"
    )
    for name, texts in sets.items():
        theirs, their_seconds = official(texts, options)
        ours, our_seconds = gamayun(texts, options)
        labels, bits, distance = compare(theirs, ours)
        wrong += labels + bits
        size = sum(len(text.encode()) for text in texts) / 1e6
        print(
            f"{name:24} {len(texts):7} {size:7.2f} {labels:7} {bits:6} {distance:9.1e}"
            f" {size / their_seconds:9.2f} {size / our_seconds:7.1f}"
        )
    print("equal" if wrong == 0 else f"{wrong} texts differ", "(speeds in MB per CPU second)")
    return int(wrong > 0)


def lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n").split("\t")[-1] for line in file]


def documents(path: Path, count: int) -> list[str]:
    import zstandard

    with path.open("rb") as file:
        stream = io.TextIOWrapper(
            zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8", newline="\n"
        )
        return [json.loads(line)["text"] for line in itertools.islice(stream, count)]


def official(texts: list[str], options: argparse.Namespace):
    """Labels and probabilities of the official library, which takes one line: a line feed becomes a space."""
    command = [options.official_python, "-c", OFFICIAL, str(options.model), str(options.k)]
    sent = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command, input=sent, capture_output=True, text=True, check=True)
    *answers, seconds = done.stdout.splitlines()
    return [json.loads(answer) for answer in answers], max(float(seconds), 1e-9)


def gamayun(texts: list[str], options: argparse.Namespace):
    import gamayun_data as gd

    model = gd.LanguageModel.load(options.model)
    found, seconds = [], 0.0
    for start in range(0, len(texts), BATCH):
        started = time.process_time()
        scores = model.score(texts[start : start + BATCH], k=options.k)
        seconds += time.process_time() - started
        found += [[pair(score) for score in row] for row in scores.to_list()]
    return found, max(seconds, 1e-9)


def pair(score):
    """A score of Arrow is a mapping or a pair."""
    return (score["label"], score["probability"]) if isinstance(score, dict) else tuple(score)


def compare(theirs, ours) -> tuple[int, int, float]:
    """Texts with other labels, texts with other 32-bit probabilities, and the largest difference."""
    labels = bits = 0
    distance = 0.0
    for a, b in zip(theirs, ours, strict=True):
        if [label for label, _ in a] != [label for label, _ in b]:
            labels += 1
            continue
        bits += any(
            struct.pack("<f", p) != struct.pack("<f", q)
            for (_, p), (_, q) in zip(a, b, strict=True)
        )
        distance = max([distance, *(abs(p - q) for (_, p), (_, q) in zip(a, b, strict=True))])
    return labels, bits, distance


if __name__ == "__main__":
    sys.exit(main())
