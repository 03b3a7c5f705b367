"""Ids of ours and of HF tokenizers on every document and every code point, by one tokenizer.json. Prints JSON lines.

    python benches/peers/bpe_encode_parity.py CORPUS --tokenizer FILE ... [--edges edge_cases.py]

CORPUS is a folder of LANG.jsonl.zst files with `text`. Then every code point but the surrogates is encoded alone, after a
space, between letters, behind a digit, and before a combining mark; and named strings: unassigned and private code
points, combining marks, emoji with joiners, text in both directions, contractions, runs. `--edges` takes further strings
from the dict EDGE of a file. Exit status 0 only if nothing differs. Needs gamayun_data, tokenizers==0.23.3, zstandard.
"""

import argparse
import ast
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import zstandard
from bpe_golden import EDGES
from tokenizers import Tokenizer

import gamayun_data as gd

AT_ONCE = 1_000
CHECKS = ("named", "points", "documents")
AROUND = ("{}", " {}", "a{}b", "1{}2", "{}\u0301", "B{}'s", "\n{} ")
MORE = [
    "👨‍👩‍👧‍👦👩🏽‍🚀🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇷🇺🇩🇪🇫", "\u202eabc\u202c \u2067שלום\u2069 \u200fمرحبا", "\u0378\u0379\u0380", "\U0010ffff\ufdd0\ufffe", "e\u0301\u0302\u0303" * 20,
    "\u0301\u0302a", "क्षत्रिय" * 9, "ﷺ ﬃ ㍍ ㋿", "\u1112\u1161\u11ab\u1100\u1161", "𝟘𝟙𝟚 Ⅻ ½⅓ ²³", "a\u00adb\u2060c\ufeffd", "\u3000\u2003\u00a0 x", "'\u017f 'S 'ſ",
    "x" * 5_000, " " * 5_000 + "x", "的" * 5_000, "\n" * 5_000, "7" * 5_001, "é" * 5_000, "aB" * 2_500, "= " * 2_500,
]  # fmt: skip


def documents(corpus: Path) -> Iterator[str]:
    for path in sorted(corpus.glob("*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]


def code_points() -> Iterator[str]:
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000:
            yield from (around.format(chr(code)) for around in AROUND)


def named(path: Path | None) -> list[str]:
    if path is None:
        return EDGES + MORE
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EDGE":
            code = compile(ast.Expression(node.value), str(path), "eval")
            return EDGES + MORE + list(eval(code).values())  # noqa: S307 (the strings are written as products)
    raise SystemExit(f"{path}: no dict EDGE")


def compare(
    name: str, texts: Iterable[str], ours: gd.Tokenizer, peer: Tokenizer, at_once: int = AT_ONCE
) -> bool:
    count = size = different = 0
    part = []

    def flush() -> int:
        ids, offsets = ours.encode_batch(part, threads=1)
        expected = peer.encode_batch_fast(part, add_special_tokens=False)
        ends = zip(offsets[:-1].tolist(), offsets[1:].tolist(), expected, strict=True)
        return sum(not np.array_equal(ids[a:b], encoding.ids) for a, b, encoding in ends)

    for text in texts:
        part.append(text)
        count, size = count + 1, size + len(text.encode())
        if len(part) == at_once:
            different += flush()
            part = []
    different += flush()
    print(
        json.dumps(
            {"texts": name, "count": count, "mb": round(size / 1e6, 1), "different": different}
        ),
        flush=True,
    )
    return different == 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--tokenizer", type=Path, nargs="+", required=True)
    parser.add_argument("--edges", type=Path)
    parser.add_argument("--checks", nargs="+", default=list(CHECKS), choices=CHECKS)
    arguments = parser.parse_args()
    right = True
    for path in arguments.tokenizer:
        ours, peer = gd.Tokenizer.from_file(path), Tokenizer.from_file(str(path))
        # What looks like a special token is text to us; so it shall be to the peer.
        peer.encode_special_tokens = True
        print(
            json.dumps(
                {"tokenizer": path.name, "split": ours.split, "vocab_size": ours.vocab_size}
            ),
            flush=True,
        )
        if "named" in arguments.checks:
            right &= compare("named", named(arguments.edges), ours, peer)
        if "points" in arguments.checks:
            right &= compare("code points", code_points(), ours, peer, at_once=50_000)
        if "documents" in arguments.checks:
            right &= compare("documents", documents(arguments.corpus), ours, peer)
    sys.exit(not right)


if __name__ == "__main__":
    main()
