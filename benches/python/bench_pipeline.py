"""Curate end to end with one thread and with two, in MB of text a second.

    python benches/python/bench_pipeline.py [SOURCES ...]

Without SOURCES the bundled sample is curated. Each run is a process of its own; the seconds of the
steps are those that the run reports. Prints one JSON line a run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CURATION = ("annotate", "decide", "dedup", "select")


def curate(sources: list[str], threads: int) -> dict[str, Any]:
    """One run: seconds and speed of each step."""
    program = Path(sys.executable).parent / "gamayun-data"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            program,
            "curate",
            *(sources or ["--sample"]),
            "-o",
            Path(folder) / "run",
            "--json",
        ]
        done = subprocess.run(
            [*map(str, command), "--threads", str(threads)], check=True, capture_output=True
        )
    steps = {step["name"]: step for step in json.loads(done.stdout)["steps"]}
    seconds = {name: round(step["seconds"], 3) for name, step in steps.items()}
    spent = sum(seconds.get(name, 0.0) for name in CURATION)
    megabytes = steps["annotate"]["bytes"] / 1e6
    return {
        "threads": threads,
        "mb": round(megabytes, 2),
        "curate_mb_per_s": round(megabytes / spent, 1) if spent else None,
        "seconds": seconds,
    }


def main() -> None:
    """Run with one thread and with two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*")
    options = parser.parse_args()
    for threads in (1, 2):
        print(json.dumps(curate(options.sources, threads)), flush=True)


if __name__ == "__main__":
    main()
