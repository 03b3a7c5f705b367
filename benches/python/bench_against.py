"""What a new part of a corpus costs against an earlier run of the others, and the whole anew.

    python benches/python/bench_against.py CORPUS

CORPUS is a folder that make_large has written; its last part is the new one. One thread, each
command a process of its own. Prints a JSON line each: CPU and wall seconds, peak resident bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measured(name: str, *arguments: object) -> None:
    """Run a command and print what it used."""
    command = [sys.executable, "-m", "gamayun_data.cli", *map(str, arguments), "--json"]
    started = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        out.seek(0)
        answer = json.load(out)
    line = {
        "run": name,
        "status": status,
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "wall_seconds": round(time.monotonic() - started, 1),
        "peak_bytes": used.ru_maxrss * 1024,
        "read": answer.get("read"),
        "kept": answer.get("kept", answer.get("documents")),
        "against": sum(answer.get("against", {}).values()),
    }
    print(json.dumps(line), flush=True)


def main() -> None:
    """Measure a corpus."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parts = sorted(parser.parse_args().corpus.glob("part-*.jsonl*"))
    *old, new = parts
    how = ("--threads", 1, "--memory", "2G")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        measured("earlier", "dedup", *old, "-o", out / "v1", *how)
        measured("index", "index", "build", out / "v1", "-o", out / "index", *how)
        measured("new alone", "dedup", new, "-o", out / "alone", *how)
        for reference in ("v1", "index"):
            run, against = out / f"to-{reference}", out / reference
            measured(
                f"new against {reference}", "dedup", new, "-o", run, "--against", against, *how
            )
        measured("whole", "dedup", *parts, "-o", out / "whole", *how)


if __name__ == "__main__":
    main()
