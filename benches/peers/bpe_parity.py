"""Hold the built module to HF tokenizers on a corpus: merges, and the ids of every document. Prints JSON lines.

    python benches/peers/bpe_parity.py CORPUS [--mb 20] [--vocab 8000 32000] [--no-encode] [--threads N]

CORPUS is a folder of LANG.jsonl.zst files with `text`. For each split pattern and vocabulary size both train on the same
mix of --mb megabytes, equal bytes of each language, and the merges and vocabularies are compared. Then all documents are
encoded with the largest vocabulary of each split by both. Exit status 0 only if nothing differs.
Needs gamayun_data, tokenizers==0.23.3, numpy and zstandard.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import zstandard
from bpe_golden import LANGUAGES, PATTERNS, tokenizer
from tokenizers import Tokenizer, pre_tokenizers, trainers

import gamayun_data as gd

SPECIAL = "<|endoftext|>"
AT_ONCE = 1_000


def documents(path: Path) -> Iterator[str]:
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def mix(corpus: Path, megabytes: float) -> list[str]:
    """Equal bytes of each language, from the start of its file."""
    quota, texts = megabytes * 1e6 / len(LANGUAGES), []
    for language in LANGUAGES:
        taken = 0
        for text in documents(corpus / f"{language}.jsonl.zst"):
            texts.append(text)
            taken += len(text.encode())
            if taken >= quota:
                break
    return texts


def train_hf(split: str, vocab: int, texts: list[str]) -> tuple[Tokenizer, float]:
    made = tokenizer(split)
    settings = trainers.BpeTrainer(
        vocab_size=vocab,
        min_frequency=2,
        special_tokens=[SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    start = time.perf_counter()
    made.train_from_iterator(texts, settings)
    return made, time.perf_counter() - start


def compare_training(
    split: str, vocab: int, texts: list[str], folder: Path, threads: int
) -> tuple[bool, Path]:
    peer, peer_seconds = train_hf(split, vocab, texts)
    start = time.perf_counter()
    ours = gd.train_tokenizer(texts, vocab_size=vocab, split=split, threads=threads)
    seconds = time.perf_counter() - start
    path = folder / f"{split}-{vocab}.json"
    ours.save(path)
    a, b = (json.loads(text)["model"] for text in (path.read_text(encoding="utf-8"), peer.to_str()))
    merges = [[tuple(pair) for pair in model["merges"]] for model in (a, b)]
    equal = merges[0] == merges[1] and a["vocab"] == b["vocab"]
    first = next((n for n, (x, y) in enumerate(zip(*merges, strict=False)) if x != y), None)
    report = {
        "check": "train",
        "split": split,
        "vocab": vocab,
        "equal": equal,
        "merges": len(merges[0]),
    }
    print(
        json.dumps(
            {
                **report,
                "first_difference": first,
                "seconds": round(seconds, 2),
                "hf": round(peer_seconds, 2),
            }
        )
    )
    return equal, path


def compare_encoding(split: str, path: Path, corpus: Path, threads: int) -> bool:
    """Every document of every language, by the same tokenizer.json."""
    ours, peer = gd.Tokenizer.from_file(path), Tokenizer.from_file(str(path))
    # What looks like a special token is text to us; so it shall be to the peer.
    peer.encode_special_tokens = True
    count = size = different = 0
    seconds = peer_seconds = 0.0
    for file in sorted(corpus.glob("*.jsonl.zst")):
        texts = list(documents(file))
        for at in range(0, len(texts), AT_ONCE):
            part = texts[at : at + AT_ONCE]
            start = time.perf_counter()
            ids, offsets = ours.encode_batch(part, threads=threads)
            middle = time.perf_counter()
            expected = peer.encode_batch_fast(part, add_special_tokens=False)
            seconds, peer_seconds = (
                seconds + middle - start,
                peer_seconds + time.perf_counter() - middle,
            )
            for n, encoding in enumerate(expected):
                different += not np.array_equal(
                    ids[int(offsets[n]) : int(offsets[n + 1])], encoding.ids
                )
            count += len(part)
            size += sum(len(text.encode()) for text in part)
    megabytes = size / 1e6
    report = {
        "check": "encode",
        "split": split,
        "documents": count,
        "mb": round(megabytes, 1),
        "different": different,
    }
    rates = {
        "mb_per_s": round(megabytes / seconds, 1),
        "hf_mb_per_s": round(megabytes / peer_seconds, 1),
    }
    print(json.dumps({**report, **rates, "threads": threads}))
    return different == 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--mb", type=float, default=20)
    parser.add_argument("--vocab", type=int, nargs="+", default=[8_000, 32_000])
    parser.add_argument("--splits", nargs="+", default=list(PATTERNS), choices=list(PATTERNS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-encode", action="store_true")
    arguments = parser.parse_args()
    texts, right = mix(arguments.corpus, arguments.mb), True
    with tempfile.TemporaryDirectory() as folder:
        for split in arguments.splits:
            for vocab in sorted(arguments.vocab):
                equal, path = compare_training(split, vocab, texts, Path(folder), arguments.threads)
                right &= equal
            if not arguments.no_encode:
                right &= compare_encoding(split, path, arguments.corpus, arguments.threads)
    sys.exit(not right)


if __name__ == "__main__":
    main()
