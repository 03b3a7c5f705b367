"""Encode a data set with ours and with the peers, in turn, and print medians of CPU seconds.

Ours is timed by the peers' own harness (`--harness`, its encode.py), which takes `bpe_encode.py:cold` and
`bpe_encode.py:counted` for a tool: each run is a fresh process that encodes each text once, and prints a hash of the ids.
`counted` looks the pretokens up that the data is made of, from a file that this script writes first, outside the clock, as
training on the data leaves it. Ratios are to the first peer that is named.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import gamayun_data as gd

HERE = Path(__file__).resolve()
SEGMENTS = ".segments.bin"


def cold(path: str, threads: int) -> Any:
    """Ours with nothing known of the data."""
    return _encoder(gd.Tokenizer.from_file(path), threads)


def counted(path: str, threads: int) -> Any:
    """Ours with the pretokens of the data, which :func:`write_segments` wrote beside the tokenizer."""
    tokenizer = gd.Tokenizer.from_file(path)
    tokenizer.use_segments(path + SEGMENTS)
    return _encoder(tokenizer, threads)


def _encoder(tokenizer: gd.Tokenizer, threads: int) -> Any:
    return SimpleNamespace(
        one=tokenizer.encode,
        batch=lambda texts: tokenizer.encode_batch(texts, threads=threads)[0],
        file=None,
    )


def write_segments(tokenizer_path: str, data: str) -> None:
    """Count a data set and write its pretokens with their tokens beside the tokenizer."""
    blob = Path(f"{data}.docs.bin").read_bytes()
    ends = np.fromfile(f"{data}.docs.idx", "<u8").tolist()
    texts = [blob[start:end].decode() for start, end in pairwise(ends)]
    tokenizer = gd.Tokenizer.from_file(tokenizer_path)
    split = json.loads(tokenizer.core.to_json())["pre_tokenizer"]["pretokenizers"][0]["pattern"]
    counts = gd.PretokenCounts.of_texts(texts, split=f"regex:{split['Regex']}", threads=1)
    counts.save_segments(tokenizer, tokenizer_path + SEGMENTS)


def run(args: argparse.Namespace, tool: str) -> dict[str, Any]:
    """One fresh process of the harness."""
    python = sys.executable if ":" in tool else args.peers_python
    command = [python, args.harness, tool, "--tokenizer", args.tokenizer, "--data", args.data]
    command += ["--threads", str(args.threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    line: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return line


def main() -> None:
    """Interleave the tools, check that the ids are equal, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--harness", required=True, help="the peers' encode.py")
    parser.add_argument("--peers-python", required=True, help="the python that has the peers")
    parser.add_argument("--tokenizer", required=True, help="a tokenizer.json")
    parser.add_argument("--data", required=True, help="prefix of a data set")
    parser.add_argument("--peers", nargs="+", default=["fastokens", "gigatoken"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    write_segments(args.tokenizer, args.data)
    tools = [*args.peers, f"{HERE}:cold", f"{HERE}:counted"]
    lines = {tool: [] for tool in tools}  # type: dict[str, list[dict[str, Any]]]
    for _ in range(args.rounds):
        for tool in tools:
            lines[tool].append(run(args, tool))
    hashes = {line["sha1"] for found in lines.values() for line in found}
    if len(hashes) != 1:
        sys.exit(f"the tools give {len(hashes)} different lists of ids")
    first = statistics.median(line["cpu_s"] for line in lines[tools[0]])
    for tool, found in lines.items():
        cpu = sorted(line["cpu_s"] for line in found)
        wall = statistics.median(line["wall_s"] for line in found)
        median = statistics.median(cpu)
        name = f"ours, {tool.rpartition(':')[2]}" if ":" in tool else tool
        print(
            f"{name:16} {median:7.3f} CPU s ({cpu[0]:.3f}-{cpu[-1]:.3f}), {wall:7.3f} s, "
            f"{found[0]['mb'] / median:6.1f} MB/s, {first / median:5.2f} x {tools[0]}"
        )


if __name__ == "__main__":
    main()
