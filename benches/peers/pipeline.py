"""Annotate and dedup, ours against datatrove: same documents, same rules, one core each.

    python pipeline.py --peers DIR --corpus DIR --datatrove-python PYTHON [--langs ru de] [--limit 300]

DIR of --peers holds `pipeline/datatrove_reference.py`; PYTHON is the interpreter of an environment with
datatrove and its word tokenizers; this script itself runs where gamayun_data is installed. Both tools read
JSONL, find the language, apply Gopher repetition, FineWeb quality and Gopher quality with the thresholds of
our profile in FineWeb2's form, and remove near duplicates (14 bands of 8 rows). datatrove's clock starts after
imports, model and word tokenizers are loaded. From ours the CPU of a run on one document is taken off: start,
imports and loading the model. `same_fate` is the share of documents that both keep or both drop, over the whole
chain: language, rules on each tool's own words, near-duplicates. Prints one JSON line per language and one for all.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import polars as pl
import zstandard

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = "en ru de fr es it pt zh ja ko ar tr".split()  # noqa: SIM905
SCORE = 0.65


def take(corpus: Path, language: str, limit: int) -> list[dict]:
    """Every k-th document of a language, so that `limit` of them are spread over all sources."""
    with (corpus / f"{language}.jsonl.zst").open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        rows = [json.loads(line) for line in io.TextIOWrapper(stream, "utf-8", newline="\n")]
    return rows[:: max(1, len(rows) // limit)][:limit]


def profile_of(language: str) -> dict:
    """Our profile with the settings that FineWeb2 fixes for all languages."""
    profile = tomllib.loads((ROOT / f"rust/quality/profiles/{language}.toml").read_text("utf-8"))
    repetition = profile["gopher_repetition"]
    for off in ("dup_para_frac", "dup_para_char_frac", "dup_line_char_frac"):
        repetition.pop(off, None)
    profile["fineweb_quality"].pop("short_line_thr", None)
    profile["fineweb_quality"]["char_duplicates_ratio"] = 0.1
    profile["order"] = ["gopher_repetition", "fineweb_quality", "gopher_quality"]
    return profile


def thresholds_of(profile: dict) -> dict:
    """The same as a FineWeb2 configuration, for the other side."""
    repetition, quality = profile["gopher_repetition"], profile["gopher_quality"]
    return {
        "language_score": SCORE,
        "dup_line_frac": repetition["dup_line_frac"],
        "top_n_grams": [[n, repetition[f"top_{n}_gram"]] for n in (2, 3, 4)],
        "dup_n_grams": [[n, repetition[f"dup_{n}_gram"]] for n in range(5, 11)],
        "line_punct_thr": profile["fineweb_quality"]["line_punct_thr"],
        "new_line_ratio": profile["fineweb_quality"]["new_line_ratio"],
        "min_avg_word_length": quality.get("min_avg_word_length", 0),
        "max_avg_word_length": quality["max_avg_word_length"],
        "max_non_alpha_words_ratio": quality["min_alpha_words_ratio"],
        "stopwords": quality["stop_words"],
    }


def toml(table: dict, prefix: str = "") -> str:
    """A table as TOML; JSON spells its values the same way."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    text = "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in plain.items())
    for key, value in table.items():
        if isinstance(value, dict):
            text += f"\n[{prefix}{key}]\n" + toml(value, f"{prefix}{key}.")
    return text


def run(arguments: list[object], core: int) -> tuple[str, float]:
    """Standard output and CPU seconds of a command that is bound to one core."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ours(folder: Path, language: str, core: int) -> tuple[dict, float]:
    """Our result and CPU seconds over `folder/documents.jsonl`."""
    recipe = folder / "recipe.toml"
    recipe.write_text(
        f'version = 1\nlanguages = ["{language}"]\n[curation]\nlanguage_thresholds = {SCORE}\n'
        '[[sources]]\nname = "s"\npaths = ["documents.jsonl"]\nrules = "profile.toml"\n',
        encoding="utf-8",
    )
    program = Path(sys.executable).parent / "gamayun-data"
    command = [
        program,
        "curate",
        "--recipe",
        recipe,
        "-o",
        folder / "run",
        "--threads",
        1,
        "--json",
    ]
    out, cpu = run(command, core)
    return json.loads(out), cpu


def kept_by_us(run: Path) -> set[str]:
    """Ids of the selection."""
    return set(pl.read_parquet(run / "selection" / "*.parquet", columns=["id"])["id"])


def kept_by_datatrove(path: Path) -> set[str]:
    """Ids that no step dropped: the second column names the step, or says `kept`."""
    with path.open(encoding="utf-8") as rows:
        cells = (row.rstrip("\n").split("\t") for row in rows)
        return {cell[0] for cell in cells if cell[1] == "kept"}


def compare(options: argparse.Namespace, language: str, folder: Path) -> dict:
    """Both tools over the same documents of one language."""
    documents = take(options.corpus, language, options.limit)
    lines = [json.dumps({"id": d["id"], "text": d["text"]}, ensure_ascii=False) for d in documents]
    profile = profile_of(language)
    both = {"whole": lines, "one": lines[:1]}
    cpu, result = {}, {}
    for name, part in both.items():
        place = folder / language / name
        place.mkdir(parents=True)
        (place / "documents.jsonl").write_text("\n".join(part) + "\n", encoding="utf-8")
        (place / "profile.toml").write_text(toml(profile), encoding="utf-8")
        result[name], cpu[name] = ours(place, language, options.core)
    thresholds = folder / language / "thresholds.toml"
    thresholds.write_text(toml(thresholds_of(profile)), encoding="utf-8")
    out, _ = run(
        [
            options.datatrove_python, options.peers / "pipeline" / "datatrove_reference.py", language,
            "--input", folder / language / "whole" / "documents.jsonl",
            "--out", folder / language / "datatrove",
            "--thresholds", thresholds, "--language-score", SCORE,
        ],
        options.core,
    )  # fmt: skip
    theirs = json.loads([line for line in out.splitlines() if line.startswith("{")][-1])
    net = max(cpu["whole"] - cpu["one"], 1e-3)
    said = kept_by_datatrove(folder / language / "datatrove" / f"{language}.decisions.tsv")
    kept = kept_by_us(folder / language / "whole" / "run")
    return {
        "language": language,
        "documents": len(documents),
        "mb": round(sum(len(d["text"].encode()) for d in documents) / 1e6, 3),
        "ours_cpu_s": round(net, 3),
        "ours_with_start_cpu_s": round(cpu["whole"], 3),
        "datatrove_cpu_s": theirs["cpu_s"],
        "ratio": round(theirs["cpu_s"] / net, 1),
        "ours_kept": result["whole"]["kept"],
        "datatrove_kept": len(said),
        "same_fate": round(1 - len(kept ^ said) / len(documents), 4),
    }


def main() -> None:
    """Read the options, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of xx.jsonl.zst")
    parser.add_argument("--datatrove-python", required=True)
    parser.add_argument("--langs", nargs="+", default=LANGUAGES)
    parser.add_argument("--limit", type=int, default=300, help="documents per language")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for language in options.langs:
            rows.append(compare(options, language, Path(folder)))
            print(json.dumps(rows[-1]), flush=True)
    total = {
        key: round(sum(row[key] for row in rows), 3)
        for key in ("documents", "mb", "ours_cpu_s", "datatrove_cpu_s")
    }
    total["ours_mb_per_cpu_s"] = round(total["mb"] / total["ours_cpu_s"], 1)
    total["datatrove_mb_per_cpu_s"] = round(total["mb"] / total["datatrove_cpu_s"], 3)
    total["ratio"] = round(total["datatrove_cpu_s"] / total["ours_cpu_s"], 1)
    print(json.dumps({"language": "all"} | total))


if __name__ == "__main__":
    main()
