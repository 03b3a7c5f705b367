"""CPU seconds of `tokenizer eval` and `tokenizer audit`, beside the least that a peer would need.

    python benches/peers/evaluation.py TEXTS.jsonl TOKENIZER.json [RUN] [--rounds 3]

TEXTS has `text` and `lang`. Eval is beside Hugging Face tokenizers encoding the same texts and
nothing else; audit beside numpy counting the ids of the same shards and nothing else. One thread
each, interleaved; medians. Needs the package, `tokenizers` and `numpy`.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np
import tokenizers

from gamayun_data import _core, auditing


def seconds(work):
    started = time.process_time()
    work()
    return time.process_time() - started


def shown(name, rounds, size, unit):
    median = statistics.median(rounds)
    low, high = min(rounds), max(rounds)
    print(f"{name:40} {median:7.2f} s ({low:.2f}-{high:.2f})  {size / median:10.1f} {unit}")


def compare(title, works, rounds, size, unit):
    print(title)
    times = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work))
    for name, mine in times.items():
        shown(name, mine, size, unit)


def evaluation(texts, tokenizer, rounds):
    raw = Path(tokenizer).read_bytes()
    core, hf = _core.Tokenizer.from_json(raw), tokenizers.Tokenizer.from_str(raw.decode())
    with Path(texts).open(encoding="utf-8") as file:
        documents = [json.loads(line)["text"] for line in file]
    size = sum(len(text.encode()) for text in documents) / 1e6
    works = {
        "eval, all measures": lambda: _core.evaluate_files([(texts, None)], [core], threads=1),
        "ours, encoding alone": lambda: _core.Tokenizer.from_json(raw).encode_batch(documents),
        "tokenizers, encoding alone": lambda: hf.encode_batch_fast(documents),
        "vocabulary report": lambda: _core.vocabulary_report(core),
    }
    compare(
        f"{texts}: {size:.1f} MB of text, {core.vocab_size:,} tokens", works, rounds, size, "MB/s"
    )


def audit(run, rounds):
    found = auditing.read_manifests(Path(run))
    pools = auditing.audited_pools(Path(run), found)
    core = _core.Tokenizer.from_json((Path(run) / "shards" / "tokenizer.json").read_bytes())
    width = "<u2" if core.vocab_size <= 65_536 else "<u4"
    payloads = sorted({path.with_suffix(".bin") for _, paths, _ in pools for path in paths})
    tokens = sum(path.stat().st_size for path in payloads) / int(width[2])
    works = {
        "audit: stages, languages, sources": lambda: _core.audit_shards(
            pools, stages=len(found), vocab_size=core.vocab_size, threads=1
        ),
        "numpy.bincount, ids alone": lambda: [
            np.bincount(np.fromfile(path, width), minlength=core.vocab_size) for path in payloads
        ],
    }
    compare(f"{run}: {tokens / 1e6:.1f} million tokens", works, rounds, tokens / 1e6, "M tokens/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("texts")
    parser.add_argument("tokenizer")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    evaluation(asked.texts, asked.tokenizer, asked.rounds)
    if asked.run:
        audit(asked.run, asked.rounds)


if __name__ == "__main__":
    main()
