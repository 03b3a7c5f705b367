"""Signatures of 112 values over 5 words by one tool: one JSON line with CPU seconds, for the driver that interleaves.

    python signatures.py ours|rensa|daft documents.jsonl

Timed: texts in memory (an Arrow column for ours and daft, a list for rensa) to a matrix of signatures. Outside: imports and reading
the file. Words are each tool's own; rensa leaves them to its user, here white space.
"""

import json
import resource
import sys
import time
from pathlib import Path

import pyarrow as pa


def ours(texts):
    import gamayun_data as gd

    hasher, column = gd.MinHasher(threads=1), pa.chunked_array([texts])
    return lambda: hasher.signatures(column)


def rensa(texts):
    from rensa import RMinHash

    def shingles(text):
        words = text.split()
        return [" ".join(words[n : n + 5]) for n in range(len(words) - 4)] or [text]

    def sign():
        made = []
        for start in range(0, len(texts), 2000):
            some = [shingles(text) for text in texts[start : start + 2000]]
            made += RMinHash.from_token_sets(some, num_perm=112, seed=42)
        return made

    return sign


def daft(texts):
    from daft import col, from_pydict
    from daft.functions import minhash, normalize

    text = normalize(col("text"), remove_punct=True, lowercase=True, white_space=True)
    signature = minhash(text, num_hashes=112, ngram_size=5, seed=1, hash_function="xxhash64")
    frame = from_pydict({"text": pa.array(texts)})
    return lambda: frame.select(signature.alias("m")).to_arrow()


def main():
    tool, path = sys.argv[1], Path(sys.argv[2])
    with path.open(encoding="utf-8", newline="\n") as file:
        texts = [json.loads(line)["text"] for line in file]
    sign = {"ours": ours, "rensa": rensa, "daft": daft}[tool](texts)
    start, before = time.perf_counter(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    made = sign()
    cpu = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    fields = {
        "tool": tool,
        "signatures": len(made),
        "cpu_s": cpu,
        "wall_s": time.perf_counter() - start,
    }
    print(
        json.dumps(
            fields | {"signatures_per_cpu_s": len(made) / cpu, "mb_per_cpu_s": megabytes / cpu}
        )
    )


if __name__ == "__main__":
    main()
