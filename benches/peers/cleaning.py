"""Repairs beside ftfy, on texts that were broken by a script.

    python benches/peers/cleaning.py NOISE.jsonl

Needs ftfy (Apache-2.0). NOISE: JSON Lines of `text`, `kind`, and `clean`, the text before it was
broken; rows without it are good text. Equal: after both sides are normalised as in a run.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import ftfy

from gamayun_data import clean

ONLY_ENCODING = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)


def normal(texts: list[str]) -> list[str]:
    """Texts as a run has them when nothing is cleaned."""
    return list(clean(texts, repair=[], private=[])["text"].to_list())


def main() -> None:
    """Print a row for each kind: texts, equal by us, equal by ftfy, and texts changed by each."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    rows = [row for row in rows if row["kind"].startswith("mojibake") or row["kind"] == "clean"]
    texts = [row["text"] for row in rows]
    truth = normal([row.get("clean") or row["text"] for row in rows])
    start = time.process_time()
    ours = clean(texts, repair=["encoding"], private=[], threads=1)["text"].to_list()
    middle = time.process_time()
    theirs = [ftfy.fix_text(text, ONLY_ENCODING) for text in texts]
    spent = middle - start, time.process_time() - middle
    table: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    asked = normal(texts)
    for row, right, before, us, them in zip(rows, truth, asked, ours, normal(theirs), strict=True):
        found = (True, us == right, them == right, us != before, them != before)
        for place, hit in enumerate(found):
            table[row["kind"]][place] += hit
    print("| kind | texts | equal, ours | equal, ftfy | changed, ours | changed, ftfy |")
    print("|---|---|---|---|---|---|")
    for kind, counts in sorted(table.items()):
        print("|", kind, "|", " | ".join(map(str, counts)), "|")
    print(f"CPU seconds: {spent[0]:.2f} ours, {spent[1]:.2f} ftfy {ftfy.__version__}")


if __name__ == "__main__":
    main()
