"""Compares the repetition weights with those that FineWeb2 published, and picks the golden cases.

    git clone https://github.com/huggingface/fineweb-2
    python benches/peers/rehydration_golden.py compare fineweb-2
    python benches/peers/rehydration_golden.py pick fineweb-2 tests/golden/rehydration.json.gz

Read are `misc/rehydration/distributions/` (rates by cluster size, of each language) and
`misc/rehydration/weights/` (what follows for up to 3 … 10 repeats).
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gamayun_data.rehydration import rehydration_weights

REPEATS = range(3, 11)
NAMED = [
    "rus_Cyrl",
    "deu_Latn",
    "fra_Latn",
    "spa_Latn",
    "ita_Latn",
    "por_Latn",
    "cmn_Hani",
    "jpn_Jpan",
    "kor_Hang",
    "arb_Arab",
    "tur_Latn",
    "vie_Latn",
    "kaz_Cyrl",
    "ukr_Cyrl",
    "pol_Latn",
    "hin_Deva",
    "nld_Latn",
    "ind_Latn",
    "ces_Latn",
    "tha_Thai",
]
EVERY = 37
"""Of the languages that are not named, in order, one in so many is a case."""


def published(git: Path) -> dict[str, dict[str, Any]]:
    """Distribution and weights of every language, from the newest commit of a clone."""

    def show(name: str) -> Any:
        path = f"HEAD:misc/rehydration/{name}"
        command = ["git", "-C", str(git), "show", path]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    command = [
        "git",
        "-C",
        str(git),
        "ls-tree",
        "--name-only",
        "HEAD:misc/rehydration/distributions",
    ]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    weights = {repeats: show(f"weights/up_to_{repeats:02}_reps.json") for repeats in REPEATS}
    return {
        name.removesuffix(".json"): {
            "distribution": show(f"distributions/{name}"),
            "weights": {
                repeats: weights[repeats].get(name.removesuffix(".json")) for repeats in REPEATS
            },
        }
        for name in names
    }


def case(language: str, found: dict[str, Any]) -> dict[str, Any]:
    """A golden case: what goes in, and the published weights by the most repeats."""
    known = found["distribution"]
    return {
        "language": language,
        "sizes": [*known["cluster_sizes"], known["tail_threshold"]],
        "rates": [*known["cluster_removal_rates"], known["tail_removal_rate"]],
        "global_rate": known["global_removal_rate"],
        "weights": found["weights"],
    }


def compare(cases: list[dict[str, Any]]) -> None:
    """Print how many of the published weights are ours, and those that are not."""
    equal = told = 0
    for one in cases:
        for repeats, wanted in one["weights"].items():
            if wanted is None:
                print(one["language"], repeats, "not published")
                continue
            told += 1
            ours = rehydration_weights(
                one["sizes"], one["rates"], global_rate=one["global_rate"], max_repeats=repeats
            )
            if ours == {int(size): weight for size, weight in wanted.items()}:
                equal += 1
            else:
                print(one["language"], repeats, len(one["sizes"]), "ours", ours, "theirs", wanted)
    print(f"{equal} of {told} are equal ({len(cases)} languages)")


def pick(cases: list[dict[str, Any]], target: Path) -> None:
    """Write the named languages and an even choice of the others."""
    others = [one for one in cases if one["language"] not in NAMED]
    chosen = [one for one in cases if one["language"] in NAMED] + others[::EVERY]
    text = json.dumps({"cases": chosen}, separators=(",", ":"))
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(chosen)} languages, {target.stat().st_size} bytes")


if __name__ == "__main__":
    verb, clone = sys.argv[1], Path(sys.argv[2])
    every = [case(language, found) for language, found in published(clone).items()]
    if verb == "pick":
        pick(every, Path(sys.argv[3]))
    else:
        compare(every)
