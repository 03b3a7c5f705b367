"""Parity-aware training beside the program of its paper, on the same words. Prints a JSON line.

    python benches/peers/parity.py PROGRAM TRAIN --handbooks CORPUS [--kb 100] [--merges 1000] [--window N] [--hybrid N] [--explain]

PROGRAM is `parity_aware_learn_bpe.py` of github.com/cimeister/parity-aware-bpe (needs numpy, tokenizers and tqdm). TRAIN
and CORPUS are JSONL with id, lang and text, as for `benches/python/bench_fairness.py`. Both get the pretokens of the `gpt2`
split with their counts, --kb kilobytes of each of the twelve languages to train on and the development half of the
handbooks to measure parity by. The clock holds training from those counts; the program also reads and writes its files.

Where pairs of a language are equally frequent, the program takes the last by its characters and ours the first by its ids,
as HF tokenizers does: from the first such tie on the order of merges differs, so the merges are compared as sets. With
--explain each merge of the program is held to the definition, all counted anew at each step (slow): is its pair a most
frequent one of the language that has the most tokens?
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from tokenizers import pre_tokenizers

import gamayun_data as gd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
from bench_fairness import TWELVE, documents, page_of, parallel_texts

SPLIT = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)


def training_texts(path: Path, kilobytes: int) -> dict[str, str]:
    texts: dict[str, str] = defaultdict(str)
    for identity, language, text in documents([path]):
        if page_of(identity) is None and len(texts[language].encode()) < kilobytes * 1000:
            texts[language] += text + "\n"
    return {
        name: texts[name].encode()[: kilobytes * 1000].decode(errors="ignore") for name in TWELVE
    }


def write_words(folder: Path, suffix: str, texts: dict[str, str]) -> list[str]:
    """Words and counts as the program reads them, in the byte alphabet."""
    files = []
    for name in sorted(texts):
        words = Counter(word for word, _ in SPLIT.pre_tokenize_str(texts[name]))
        file = folder / f"{name}.{suffix}"
        file.write_text("".join(f"{word} {count}\n" for word, count in words.items()), "utf-8")
        files.append(str(file))
    return files


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peer(
    arguments: argparse.Namespace, train: dict[str, str], dev: dict[str, str]
) -> tuple[list[tuple[str, str]], float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs, devs = write_words(folder, "train", train), write_words(folder, "dev", dev)
        command = [sys.executable, str(arguments.program), "--dict-input", "--input", *inputs]
        command += ["--dev", *devs, "--symbols", str(arguments.merges), "--output", f"{name}/out"]
        command += ["--global-merges", str(arguments.hybrid)]
        if arguments.window:
            command += ["--variant", "window", "--window-size", str(arguments.window)]
        start = children()
        subprocess.run(command, check=True, capture_output=True)
        seconds = children() - start
        lines = (folder / "out").read_text("utf-8").splitlines()[1:]
    return [(one, other) for one, other in (line.split(" ") for line in lines)], seconds


def ours(
    arguments: argparse.Namespace, train: dict[str, str], dev: dict[str, str]
) -> tuple[list[tuple[str, str]], float]:
    counts = gd.PretokenCounts.of_texts(
        {name: [text] for name, text in train.items()}, split="gpt2", threads=1
    )
    # One line for all pages, so that the content is the same for all: the program compares bare lengths.
    rows = [(name, "all", text) for name, text in dev.items()]
    start = time.process_time()
    made = gd.train_parity(
        counts,
        [256 + arguments.merges],
        parallel=gd.ParallelText.of(rows),
        hybrid=arguments.hybrid,
        window=arguments.window,
        special_tokens=[],
        threads=1,
    )
    seconds = time.process_time() - start
    alphabet = dict(enumerate(byte_characters()))
    merges = made.tokenizers[0].merges
    return [tuple("".join(alphabet[b] for b in side) for side in pair) for pair in merges], seconds


def joined(words: list[tuple[list[str], int]], pair: tuple[str, str]) -> int:
    """Makes a merge in words; the tokens that it saved."""
    saved = 0
    for word, count in words:
        at = 0
        while at + 1 < len(word):
            if (word[at], word[at + 1]) == pair:
                word[at : at + 2] = ["".join(pair)]
                saved += count
            at += 1
    return saved


def explained(
    merges: list[tuple[str, str]], train: dict[str, str], dev: dict[str, str]
) -> tuple[int, int]:
    """Merges that follow from the definition, and steps at which several pairs would have."""

    def words(text: str) -> list[tuple[list[str], int]]:
        counts = Counter(word for word, _ in SPLIT.pre_tokenize_str(text))
        return [(list(word), count) for word, count in counts.items()]

    own = {name: words(train[name]) for name in sorted(train)}
    shown = {name: words(dev[name]) for name in own}
    tokens = {name: sum(len(word) * n for word, n in shown[name]) for name in own}
    right = ties = 0
    for pair in merges:
        counts: Counter[tuple[str, str]] = Counter()
        for word, count in own[max(tokens, key=tokens.__getitem__)]:
            for two in pairwise(word):
                counts[two] += count
        top = max(counts.values())
        best = [two for two, count in counts.items() if count == top]
        right, ties = right + (pair in best), ties + (len(best) > 1)
        for name, mine in own.items():
            joined(mine, pair)
            tokens[name] -= joined(shown[name], pair)
    return right, ties


def byte_characters() -> list[str]:
    """The characters that stand for the bytes 0 to 255."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("train", type=Path)
    parser.add_argument("--handbooks", type=Path, required=True)
    parser.add_argument("--kb", type=int, default=100)
    parser.add_argument("--merges", type=int, default=1000)
    parser.add_argument("--window", type=int)
    parser.add_argument("--hybrid", type=int, default=0)
    parser.add_argument("--explain", action="store_true", help="without --window and --hybrid")
    arguments = parser.parse_args()
    development, _ = parallel_texts([arguments.handbooks])
    dev = {name: "\n".join(development.texts(name)) for name in TWELVE}
    train = training_texts(arguments.train, arguments.kb)
    theirs, their_seconds = peer(arguments, train, dev)
    mine, my_seconds = ours(arguments, train, dev)
    same = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), None)
    told = {
        "merges": [len(mine), len(theirs)],
        "first_difference": same,
        "shared": round(len(set(mine) & set(theirs)) / len(set(theirs)), 4),
        "cpu_s": [round(my_seconds, 3), round(their_seconds, 2)],
        "ratio": round(their_seconds / my_seconds),
    }
    if arguments.explain:
        told["explained"], told["ties"] = explained(theirs, train, dev)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
