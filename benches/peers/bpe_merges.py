"""Merges of ours beside those of HF tokenizers: corpora x vocabulary sizes x split patterns. Prints JSON lines.

    python benches/peers/bpe_merges.py CORPUS [--mb 5] [--vocab 4000 16000 32000] [--splits gpt2 cl100k] [--threads N]

CORPUS is a folder of LANG.jsonl.zst files with `text`; each language is a corpus of its own, the first --mb megabytes of
its file. HF tokenizers trains each size anew; ours trains once and cuts the sizes from that. Merges must be equal one by
one, and so must the vocabularies. Exit status 0 only if nothing differs.
Needs gamayun_data, tokenizers==0.23.3 and zstandard.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from bpe_golden import LANGUAGES, PATTERNS
from bpe_parity import documents, train_hf

import gamayun_data as gd


def beginning(path: Path, megabytes: float) -> list[str]:
    texts, taken = [], 0
    for text in documents(path):
        texts.append(text)
        taken += len(text.encode())
        if taken >= megabytes * 1e6:
            break
    return texts


def compare(language: str, texts: list[str], split: str, sizes: list[int], threads: int) -> bool:
    start = time.process_time()
    counts = gd.PretokenCounts.of_texts({language: texts}, split=split, threads=threads)
    ours = counts.train_sizes(sizes, threads=threads)
    seconds, peer_seconds, equal = time.process_time() - start, 0.0, True
    for size, made in zip(sizes, ours, strict=True):
        start = time.process_time()
        peer, _ = train_hf(split, size, texts)
        peer_seconds += time.process_time() - start
        a, b = (json.loads(text)["model"] for text in (made.core.to_json(), peer.to_str()))
        merges = [[tuple(pair) for pair in model["merges"]] for model in (a, b)]
        same = merges[0] == merges[1] and a["vocab"] == b["vocab"]
        equal &= same
        facts = {"corpus": language, "split": split, "vocab": size, "merges": len(merges[0])}
        print(json.dumps(facts | {"equal": same}), flush=True)
    facts = {"corpus": language, "split": split, "cpu_s": round(seconds, 2)}
    print(json.dumps(facts | {"hf_cpu_s": round(peer_seconds, 2)}), flush=True)
    return equal


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--mb", type=float, default=5)
    parser.add_argument("--vocab", type=int, nargs="+", default=[4_000, 16_000, 32_000])
    parser.add_argument("--splits", nargs="+", default=["gpt2", "cl100k"], choices=list(PATTERNS))
    parser.add_argument("--languages", nargs="+", default=list(LANGUAGES))
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    right = True
    for language in arguments.languages:
        texts = beginning(arguments.corpus / f"{language}.jsonl.zst", arguments.mb)
        for split in arguments.splits:
            right &= compare(language, texts, split, arguments.vocab, arguments.threads)
    sys.exit(not right)


if __name__ == "__main__":
    main()
