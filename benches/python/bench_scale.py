"""Deduplicates corpora of make_large under a hard memory limit: cost and memory per document.

    python benches/python/bench_scale.py CORPUS... --memory 2G --limit 3G --threads 1,2

Each run is a process of its own. `--memory` is what the run is told to stay within; `--limit` is
what the system allows it: RLIMIT_DATA, all private memory that can be written to, resident or not,
so that a run that asks for more fails. Prints one JSON line a run: seconds of the steps, CPU
seconds and microseconds a document, peak resident bytes (wait4), the most bytes that the folder of
the run held (looked at every half second), and what the truth says: recall of the pairs of
Jaccard 0.85 and more, and the share of removals for the sake of a document of the same cluster.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import polars as pl

from gamayun_data import units


class Disk(threading.Thread):
    """Looks at the size of a folder until it is told to stop."""

    def __init__(self, folder: Path) -> None:
        """Begins with nothing seen."""
        super().__init__(daemon=True)
        self.folder, self.stopped, self.largest = folder, threading.Event(), 0

    def run(self) -> None:
        """Remember the largest size."""
        while not self.stopped.wait(0.5):
            self.largest = max(self.largest, size_of(self.folder))


def size_of(folder: Path) -> int:
    """Bytes of the files of a folder; files may come and go meanwhile."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(root, name)).st_size  # noqa: PTH116, PTH118 (many)
            except OSError:
                continue
    return total


def limited(command: list[str], limit: int | None, log: Path) -> tuple[int, Any]:
    """Runs a command under the limit; its exit status and what it used."""

    def limit_memory() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, preexec_fn=limit_memory)  # noqa: PLW1509 (no threads are held)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used


def outcome(run: Path) -> pl.DataFrame:
    """Removed id, kept id, similarity and measure, by the ids of the corpus."""
    removed = pl.read_parquet(run / "removed.parquet")
    return removed.select("id", kept="kept_id", similarity="similarity", measure="measure")


def judged(removed: pl.DataFrame, corpus: Path) -> dict[str, Any]:
    """What the truth of the corpus says of the removals."""
    truth = pl.read_csv(corpus / "truth.tsv", separator="\t", quote_char=None)
    gone = removed.select("id").with_columns(gone=pl.lit(value=True))
    pairs = truth.filter((pl.col("edit") != "original") & (pl.col("jaccard") >= 0.85))
    pairs = pairs.join(gone, on="id", how="left")
    pairs = pairs.join(gone.rename({"id": "origin", "gone": "gone_too"}), on="origin", how="left")
    found = pairs.filter(pl.col("gone") | pl.col("gone_too")).height
    clusters = truth.select("id", "cluster")
    matched = removed.join(clusters, on="id").join(
        clusters.rename({"id": "kept", "cluster": "kept_cluster"}), on="kept"
    )
    right = matched.filter(pl.col("cluster") == pl.col("kept_cluster")).height
    return {
        "removed": removed.height,
        "pairs": pairs.height,
        "recall_at_0.85": round(found / max(1, pairs.height), 5),
        "same_cluster": right / max(1, removed.height),
    }


def measured(corpus: Path, threads: int, options: argparse.Namespace) -> dict[str, Any]:
    """One run over one corpus."""
    folder = Path(tempfile.mkdtemp(dir=options.scratch))
    try:
        run, parts = folder / "run", [str(path) for path in sorted(corpus.glob("part-*"))]
        program = [sys.executable, "-m", "gamayun_data.cli", "dedup", *parts, *options.option]
        command = [*program, "-o", str(run), "--threads", str(threads), "--memory", options.memory]
        disk = Disk(folder)
        disk.start()
        limit = units.parse_bytes(options.limit, "limit") if options.limit else None
        status, used = limited(command, limit, folder / "log")
        disk.stopped.set()
        facts: dict[str, Any] = {"corpus": corpus.name, "threads": threads, "status": status}
        if status:
            return facts | {"said": (folder / "log").read_text(encoding="utf-8")[-400:]}
        receipts = {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in (run / "steps").glob("*.json")
        }
        first = receipts.get("annotate") or receipts["list"]
        documents = first["counts"]["documents"]
        removed = outcome(run)
        if options.removed:
            removed.write_csv(options.removed, separator="\t", include_header=False)
        cpu = used.ru_utime + used.ru_stime
        return facts | {
            "memory": options.memory,
            "limit": options.limit,
            "documents": documents,
            "cpu_s": round(cpu, 2),
            "cpu_us_per_document": round(cpu / documents * 1e6, 2),
            "seconds": {name: one["seconds"] for name, one in receipts.items()},
            "peak_resident_mb": round(used.ru_maxrss / 1024, 1),
            "disk_bytes_per_document": round(disk.largest / documents),
            **judged(removed, corpus),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Run over every corpus with every number of threads."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("corpora", type=Path, nargs="+", help="folders that make_large made")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--memory", default="2G", help="what the run is told")
    parser.add_argument("--limit", help="what the system allows it (RLIMIT_DATA)")
    parser.add_argument("--scratch", type=Path, help="where the runs are made")
    parser.add_argument("--option", action="append", default=[], help="as --option=--list")
    parser.add_argument("--removed", type=Path, help="where to leave the last run's removals")
    options = parser.parse_args()
    for corpus in options.corpora:
        for threads in map(int, options.threads.split(",")):
            print(json.dumps(measured(corpus, threads, options)), flush=True)


if __name__ == "__main__":
    main()
