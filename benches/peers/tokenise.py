"""Tokenise and write: `shards build` against bare encoding with the same encoder, and against datatrove's tokenisation.

    python tokenise.py RUN --recipe FILE --datatrove-python PYTHON [--rounds 3] [--megabytes 10]

RUN is a finished run with a tokenizer; it is not changed. In turn, each in a process of its own: the bare encoding of the
texts of its selection on one thread, from a list to ids in two bytes where they fit; `build_shards` on one thread, planning,
tokenising, shuffle, index, hashes and manifest included, on a copy without shards; and the first MEGABYTES of the selection
through datatrove's `DocumentTokenizer` with the same `tokenizer.json` (shuffled, with its index). CPU seconds of the process
and its children, after imports. datatrove's part reads JSON lines, ours Parquet. Prints JSON lines; `ns_per_byte` compares.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

OURS = ("selection", "tokenizer", "steps", "recipe.toml", "provenance.json")
MADE = ("tokenise.json", "build.json")


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def timed(work: Callable[[], object]) -> float:
    before = cpu()
    work()
    return cpu() - before


def texts_of(run: Path) -> list[str]:
    import polars as pl

    files = sorted((run / "selection").glob("*.parquet"))
    return [text for file in files for text in pl.read_parquet(file, columns=["text"])["text"]]


def encode(run: Path) -> float:
    import gamayun_data as gd

    tokenizer, texts = gd.Tokenizer.from_file(run / "tokenizer" / "tokenizer.json"), texts_of(run)
    dtype = "uint16" if tokenizer.vocab_size <= 1 << 16 else "uint32"
    return timed(lambda: tokenizer.encode_batch(texts, dtype=dtype, threads=1))


def build(run: Path, recipe: Path) -> float:
    import gamayun_data as gd

    with tempfile.TemporaryDirectory(dir=run.parent) as folder:
        copy = Path(folder) / "run"
        for name in OURS:
            if (run / name).is_dir():
                shutil.copytree(run / name, copy / name, copy_function=os.link)
            elif (run / name).exists():
                shutil.copy(run / name, copy / name)
        for name in MADE:
            (copy / "steps" / name).unlink(missing_ok=True)
        return timed(lambda: gd.build_shards(copy, recipe=recipe, threads=1))


def datatrove(run: Path, documents: Path) -> float:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.tokens import DocumentTokenizer

    with tempfile.TemporaryDirectory() as folder:
        tokenizer = str(run / "tokenizer" / "tokenizer.json")
        steps = [
            JsonlReader(str(documents.parent), glob_pattern=documents.name),
            DocumentTokenizer(
                f"{folder}/out",
                tokenizer,
                eos_token="<|endoftext|>",  # noqa: S106 (no password)
                shuffle_documents=True,
                seed=17,
            ),
        ]
        job = LocalPipelineExecutor(steps, tasks=1, workers=1, logging_dir=f"{folder}/logs")
        return timed(job.run)


def some(run: Path, limit: int, target: Path) -> int:
    """Write the first texts of a selection as JSON lines; their bytes."""
    size = 0
    with target.open("w", encoding="utf-8") as out:
        for number, text in enumerate(texts_of(run)):
            if size >= limit:
                break
            size += len(text.encode())
            out.write(json.dumps({"id": str(number), "text": text}) + "\n")
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--recipe", type=Path)
    parser.add_argument("--datatrove-python")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=10)
    parser.add_argument("--part", choices=["encode", "build", "datatrove"])
    parser.add_argument("--documents", type=Path)
    asked = parser.parse_args()
    if asked.part:
        parts = {
            "encode": lambda: encode(asked.run),
            "build": lambda: build(asked.run, asked.recipe),
            "datatrove": lambda: datatrove(asked.run, asked.documents),
        }
        print(json.dumps({"cpu_s": parts[asked.part]()}))
        return
    whole = sum(len(text.encode()) for text in texts_of(asked.run))
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "documents.jsonl"
        part = some(asked.run, asked.megabytes * 1_000_000, documents)
        parts = [("encode", sys.executable, whole), ("build", sys.executable, whole)]
        if asked.datatrove_python:
            parts.append(("datatrove", asked.datatrove_python, part))
        for number in range(asked.rounds):
            for name, python, size in parts:
                command = [
                    python,
                    __file__,
                    str(asked.run),
                    "--part",
                    name,
                    "--documents",
                    str(documents),
                ]
                command += ["--recipe", str(asked.recipe)] if asked.recipe else []
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                used = json.loads(done.stdout.splitlines()[-1])["cpu_s"]
                told = {"round": number, "part": name, "bytes": size, "cpu_s": round(used, 3)}
                print(json.dumps(told | {"ns_per_byte": round(1e9 * used / size, 2)}), flush=True)


if __name__ == "__main__":
    main()
