"""Encode random texts with ours and HF tokenizers until the time is over; prints a JSON line a minute, and each difference.

    python benches/peers/bpe_fuzz.py CORPUS --minutes 60 [--seed N] [--tokenizer FILE ...]

Texts are pieces of CORPUS (a folder of LANG.jsonl.zst files with `text`) with characters put in, taken out and doubled,
characters of many scripts mixed, long runs, special strings, and bytes. Tokenizers: ours trained on the golden text with
every split pattern, and the files named. Compared: ids, character offsets, ids with special tokens recognised, the ids of
a stream in random pieces, and the round trip of text and of bytes. Exit status 0 only if nothing differs.
Needs gamayun_data, tokenizers==0.23.3, numpy and zstandard.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import zstandard
from tokenizers import Tokenizer

import gamayun_data as gd
from gamayun_data.config import SPLITS

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden" / "bpe" / "text.json"
POOLS = [
    range(0x20, 0x7F), range(0x20, 0x7F), range(0xA0, 0x250), range(0x370, 0x500), range(0x530, 0x600),
    range(0x600, 0x700), range(0x900, 0x980), range(0xE00, 0xE80), range(0x1100, 0x1200), range(0x3040, 0x3100),
    range(0x4E00, 0x5000), range(0xAC00, 0xAE00), range(0x1F300, 0x1F650), range(0x2000, 0x2070), range(0x2150, 0x2190),
    [0x09, 0x0A, 0x0D, 0x20, 0x85, 0xA0, 0x2028, 0x2029, 0x3000, 0x0B, 0x0C, 0x1C, 0x180E, 0x200B],
    [0x27, 0x17F, 0x301, 0x308, 0x200D, 0x2019, 0x212A, 0xFE0F, 0x202E, 0x378, 0x1F3FD, 0x5F, 0x2F, 0x30, 0x663],
    range(0x110000),
]  # fmt: skip
WORDS = [
    "<|endoftext|>",
    "<s>",
    "<|",
    "|>",
    "'s",
    "'LL",
    "'\u017f",
    "'re",
    "don't",
    "\r\n\r\n",
    "1234567",
    "٣٤٥٦",
    "½",
    "  \n ",
]
PER_LANGUAGE = 400


def corpus(folder: Path, rng: random.Random) -> list[str]:
    """Some documents of each language."""
    texts = []
    for path in sorted(folder.glob("*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as lines:
            found = [json.loads(line)["text"] for _, line in zip(range(4_000), lines, strict=False)]
        texts += rng.sample(found, min(len(found), PER_LANGUAGE))
    return texts


def character(rng: random.Random) -> str:
    code = rng.choice(rng.choice(POOLS))
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


def mutated(rng: random.Random, texts: list[str]) -> str:
    source = rng.choice(texts)
    at = rng.randrange(len(source))
    letters = list(source[at : at + rng.choice([20, 100, 1_000])])
    for _ in range(rng.randrange(1 + len(letters) // 8)):
        place = rng.randrange(len(letters) + 1)
        put = rng.choice(
            [character(rng), rng.choice(WORDS), "", letters[place - 1] * 2 if letters else ""]
        )
        letters[place : place + rng.randrange(3)] = [put]
    return "".join(letters)


def text(rng: random.Random, texts: list[str]) -> tuple[str, str]:
    kind = rng.choice(["mutated", "mutated", "mixed", "uniform", "run", "words"])
    if kind == "mutated":
        return kind, mutated(rng, texts)
    if kind == "mixed":
        pools = rng.sample(POOLS, 3)
        codes = (rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 120)))
        return kind, "".join("\ufffd" if 0xD800 <= code < 0xE000 else chr(code) for code in codes)
    if kind == "uniform":
        return kind, "".join(
            chr(c) for c in (rng.randrange(0x110000) for _ in range(40)) if not 0xD800 <= c < 0xE000
        )
    if kind == "run":
        unit = character(rng) + rng.choice(["", character(rng)])
        return kind, character(rng) + unit * rng.choice([3, 63, 64, 65, 700]) + character(rng)
    return kind, "".join(
        rng.choice(WORDS) if rng.random() < 0.5 else character(rng)
        for _ in range(rng.randint(1, 30))
    )


def streamed(ours: gd.Tokenizer, value: str, rng: random.Random) -> list[int]:
    cuts = sorted(rng.randrange(len(value) + 1) for _ in range(rng.randrange(5)))
    pieces = [value[a:b] for a, b in zip([0, *cuts], [*cuts, len(value)], strict=True)]
    return np.concatenate(list(ours.encode_stream(pieces, specials="allow"))).tolist()


def differences(ours: gd.Tokenizer, peer: Tokenizer, value: str, rng: random.Random) -> list[str]:
    peer.encode_special_tokens = True
    plain = peer.encode(value, add_special_tokens=False)
    peer.encode_special_tokens = False
    allowed = peer.encode(value, add_special_tokens=False).ids
    found = ours.locate(value)
    data = (
        bytes(rng.randrange(256) for _ in range(rng.randrange(8)))
        + value.encode()[rng.randrange(3) :]
    )
    checks = {
        "ids": ours.encode(value).tolist() == plain.ids,
        "offsets": list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))
        == plain.offsets,
        "allowed": ours.encode(value, specials="allow").tolist() == allowed,
        "stream": streamed(ours, value, rng) == allowed,
        "text back": ours.decode(plain.ids) == value,
        "bytes back": ours.decode_bytes(ours.encode(data)) == data,
    }
    return [name for name, right in checks.items() if not right]


def pairs(folder: Path, files: list[Path]) -> dict[str, tuple[gd.Tokenizer, Tokenizer]]:
    texts = list(json.loads(GOLDEN.read_text(encoding="utf-8"))["texts"].values())
    for split in SPLITS:
        made = gd.train_tokenizer(
            texts, vocab_size=4_000, split=split, special_tokens=["<|endoftext|>", "<s>"]
        )
        made.save(folder / f"{split}.json")
    every = [*sorted(folder.glob("*.json")), *files]
    return {
        path.stem: (gd.Tokenizer.from_file(path), Tokenizer.from_file(str(path))) for path in every
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tokenizer", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    texts = corpus(arguments.corpus, rng)
    with tempfile.TemporaryDirectory() as folder:
        tokenizers = pairs(Path(folder), arguments.tokenizer)
    start = told = time.monotonic()
    cases, characters, different = Counter(), 0, 0
    while (now := time.monotonic()) - start < arguments.minutes * 60:
        kind, value = text(rng, texts)
        for name, (ours, peer) in tokenizers.items():
            if wrong := differences(ours, peer, value, rng):
                different += 1
                print(
                    json.dumps({"tokenizer": name, "kind": kind, "wrong": wrong, "text": value}),
                    flush=True,
                )
        cases[kind] += 1
        characters += len(value)
        if now - told >= 60:
            told = now
            report = {
                "minutes": round((now - start) / 60),
                "texts": sum(cases.values()),
                "characters": characters,
            }
            print(
                json.dumps({**report, "tokenizers": len(tokenizers), "different": different}),
                flush=True,
            )
    print(
        json.dumps(
            {
                "texts": cases,
                "characters": characters,
                "tokenizers": len(tokenizers),
                "different": different,
            }
        )
    )
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
