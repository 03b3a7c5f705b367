"""Prints the first document of every pool of a run: its id, its tokens and its text.

python examples/read_shards.py RUN
"""

from __future__ import annotations

import sys
from pathlib import Path

import gamayun_data as gd


def main(path: str) -> None:
    """Open the run, and decode one document of each pool."""
    run = gd.open_run(path)
    tokenizer = gd.Tokenizer.from_file(str(Path(path) / "tokenizer" / "tokenizer.json"))
    for pool in run.pools:
        shard = run.shards(pool)[0]
        tokens = shard.document(0)  # a view of the mapped file
        text = tokenizer.decode(tokens[:-1].tolist())  # the last token is the end of the document
        print(f"{pool:24} {shard.id(0)} {len(tokens):6} tokens  {text[:60]!r}")


if __name__ == "__main__":
    main(sys.argv[1])
