"""Train and score quality classifiers with ours and with the official fastText library. Prints JSON lines.

    python benches/peers/quality.py CORPUS.jsonl.zst --good REGEX [--rounds 3] [--threads 1 2] [--scratch DIR]

Documents whose `id` REGEX matches are the good ones. A fifth, by a hash of their ids, is held out. Both train on the
same texts (words and pairs of words, fastText's defaults else), each in a process of its own, in turn; CPU seconds are of
that process and its reading, by the clock for more than one thread. Then each model scores the held-out documents by
both programs: F1 at 0.5, and how many probabilities differ between the programs on one model. Scoring is timed on all
documents as strings in memory, in turn, the official library by its fastest call (a list of texts).
Needs gamayun_data, fasttext 0.9.2 or later, and zstandard; exit status 0 only if no probability differs.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import zstandard

Document = tuple[str, bool]
SETTINGS = {"dim": 100, "epoch": 5, "lr": 0.1, "wordNgrams": 2, "minCount": 1}


def documents(path: Path, good: re.Pattern[str]) -> tuple[list[Document], list[Document]]:
    """Those to train on, and those that are held out; one line each, as fastText reads them."""
    fit, held = [], []
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            text = " ".join(record["text"].split())
            half = held if zlib.crc32(record["id"].encode()) % 5 == 0 else fit
            half.append((text, good.search(record["id"]) is not None))
    return fit, held


def write(folder: Path, fit: list[Document]) -> None:
    """The training texts in the form of each program."""
    with (folder / "fit.txt").open("w", encoding="utf-8") as out:
        for text, good in fit:
            out.write(f"__label__{'positive' if good else 'negative'} {text}\n")
    for name, wanted in (("good", True), ("bad", False)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            for text, good in fit:
                if good == wanted:
                    out.write(json.dumps({"text": text}) + "\n")


def train(program: str, folder: Path, threads: int) -> None:
    """What a child process does; says its seconds."""
    import fasttext

    import gamayun_data as gd

    clock, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    if program == "ours":
        good, bad = folder / "good.jsonl", folder / "bad.jsonl"
        gd.train_quality(good, bad, folder / "ours.bin", held_out=0.0, threads=threads)
    else:
        file = str(folder / "fit.txt")
        model = fasttext.train_supervised(file, thread=threads, verbose=0, **SETTINGS)
        model.save_model(str(folder / "official.bin"))
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "clock": time.perf_counter() - clock}))


def run_child(program: str, folder: Path, threads: int) -> dict[str, float]:
    command = [sys.executable, __file__, str(folder), "--child", program, "--threads", str(threads)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(said.splitlines()[-1])


def models(path: Path) -> tuple[Any, Any]:
    import fasttext

    import gamayun_data as gd

    return gd.QualityModel.load(path, label="positive"), fasttext.load_model(str(path))


def scores_of_official(model: Any, texts: list[str]) -> list[float]:
    """One text at a time: of a list and k = 2 fasttext-wheel 0.9.2 repeats the first probability.

    It adds 1e-5 to each before its logarithm; what is above 1 for that is 1 with ours.
    """
    found = (model.f.predict(f"{text}\n", 2, 0.0, "strict") for text in texts)
    values = ({label: value for value, label in pairs}["__label__positive"] for pairs in found)
    return [min(value, 1.0) for value in values]


def f1(scores: list[float], held: list[Document]) -> float:
    said = [score > 0.5 for score in scores]
    hits = sum(a and b for a, (_, b) in zip(said, held, strict=True))
    return 2 * hits / (sum(said) + sum(good for _, good in held))


def timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(rounds: list[dict[str, float]]) -> list[float]:
    """The least, the median and the greatest of what the official library takes for each second of ours."""
    ratios = sorted(one["official"] / one["ours"] for one in rounds)
    return [round(value, 2) for value in (ratios[0], median(ratios), ratios[-1])]


def rounded(rounds: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{name: round(value, 3) for name, value in one.items()} for one in rounds]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--good", type=re.compile)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--child", choices=["ours", "official"])
    options = parser.parse_args()
    if options.child:
        train(options.child, options.corpus, options.threads[0])
        return 0
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        return compare(options, Path(name))


def compare(options: argparse.Namespace, folder: Path) -> int:
    fit, held = documents(options.corpus, options.good)
    write(folder, fit)
    size = sum(len(text.encode()) for text, _ in fit)
    of = {"documents": len(fit), "good": sum(good for _, good in fit), "bytes": size}
    print(json.dumps({"trained_on": of, "held_out": len(held)}), flush=True)
    for threads in options.threads:
        clock = "cpu" if threads == 1 else "clock"
        rounds = [
            {
                program: run_child(program, folder, threads)[clock]
                for program in ("official", "ours")
            }
            for _ in range(options.rounds)
        ]
        said = {"step": "train", "threads": threads, "seconds": clock, "times": ratio(rounds)}
        print(json.dumps({**said, "rounds": rounded(rounds)}), flush=True)
    texts = [text for text, _ in held]
    all_differ = 0
    for trained in ("official", "ours"):
        ours, official = models(folder / f"{trained}.bin")
        scores = scores_of_official(official, texts)
        pairs = zip(ours.score(texts).to_list(), scores, strict=True)
        differ = sum(value != other for value, other in pairs)
        all_differ += differ
        measures = {"f1": round(f1(scores, held), 4), "differ": differ}
        print(json.dumps({"step": "score", "trained_by": trained, **measures}), flush=True)
    texts = [text for text, _ in fit + held]
    calls = {
        "ours": partial(ours.score, texts, threads=1),
        "official": partial(official.predict, texts),
    }
    rounds = [{name: timed(call) for name, call in calls.items()} for _ in range(options.rounds)]
    size = sum(len(text.encode()) for text in texts)
    said = {"step": "score", "bytes": size, "times": ratio(rounds)}
    print(json.dumps({**said, "rounds": rounded(rounds)}), flush=True)
    return 1 if all_differ else 0


if __name__ == "__main__":
    sys.exit(main())
