"""Test sets are found in the documents of a run, and the books balance."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.killing import killed_at

import gamayun_data

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine, Digests

LANGS = ["en", "de", "ru", "zh"]
WORDS = 30


def documents(run: Path, *columns: str) -> list[dict[str, Any]]:
    """The rows of a run, texts beside verdicts."""
    rows: list[dict[str, Any]] = []
    for path in sorted((run / "documents").glob("part-*.parquet")):
        tables = [
            pq.read_table(run / folder / path.name)
            for folder in ("documents", "decisions", "contamination", "dedup", "annotations")
            if (run / folder).is_dir()
        ]
        for parts in zip(*(table.to_pylist() for table in tables), strict=True):
            row: dict[str, Any] = {}
            for part in parts:
                row |= part
            rows.append({name: row[name] for name in columns})
    return rows


def excerpts(texts: list[str], seed: int) -> list[str]:
    """A few dozen words, or characters of a text without spaces, out of the middle of each."""
    draw = random.Random(seed)
    found = []
    for text in texts:
        words = text.split()
        if len(text) > 20 * len(words):
            start = draw.randrange(max(1, len(text) - 60))
            found.append(text[start : start + 60])
        else:
            start = draw.randrange(max(1, len(words) - WORDS))
            found.append(" ".join(words[start : start + WORDS]).upper())
    return found


@pytest.fixture(scope="session")
def benchmark(
    tmp_path_factory: pytest.TempPathFactory, finished: tuple[Path, Any]
) -> tuple[Path, set[str]]:
    """Test items out of documents that were kept, and others; with the ids of the documents."""
    run, _ = finished
    kept = [
        row
        for row in pq.read_table(
            run / "selection", columns=["id", "text", "language", "source"]
        ).to_pylist()
        if row["language"] in LANGS and row["source"] == "web" and row["id"]
    ]
    planted = [row for row in kept if len(row["text"]) > 400][::7]
    assert len(planted) >= 8
    items = excerpts([row["text"] for row in planted], seed=3)
    folder = tmp_path_factory.mktemp("benchmarks")
    with (folder / "planted.jsonl").open("w", encoding="utf-8") as out:
        for number, text in enumerate(items):
            out.write(json.dumps({"id": f"q{number}", "question": text}) + "\n")
    others = [f"Nothing of this kind w{n} stands x{n} anywhere y{n} at all" for n in range(20)]
    pq.write_table(pa.table({"prompt": [*others, "Too short"]}), folder / "others.parquet")
    return folder, {row["id"] for row in planted}


@pytest.fixture(scope="session")
def cleaned(
    tmp_path_factory: pytest.TempPathFactory, benchmark: tuple[Path, set[str]]
) -> tuple[Path, Any]:
    """The sample without the documents that hold test items. Only to be read."""
    folder, _ = benchmark
    run = tmp_path_factory.mktemp("cleaned") / "run"
    files = [str(folder / "planted.jsonl"), str(folder / "others.parquet")]
    return run, gamayun_data.curate(sample=True, output=run, threads=2, decontaminate=files)


def test_documents_that_hold_items_are_dropped(
    cleaned: tuple[Path, Any], benchmark: tuple[Path, set[str]]
) -> None:
    run, result = cleaned
    rows = documents(run, "id", "passed", "contaminated", "dropped", "benchmark", "score")
    hit = {row["id"] for row in rows if row["contaminated"]}
    assert benchmark[1] <= hit
    assert all(row["passed"] and row["dropped"] for row in rows if row["contaminated"])
    assert {row["benchmark"] for row in rows if row["contaminated"]} == {"planted"}
    assert all(row["score"] >= 0.25 for row in rows if row["contaminated"])
    selected = set(pq.read_table(run / "selection", columns=["id"])["id"].to_pylist())
    assert not selected & benchmark[1]
    by_name = {row.name: row for row in result.benchmarks}
    assert by_name["planted"].items == by_name["planted"].matched == len(benchmark[1])
    others = by_name["others"]
    assert (others.items, others.too_short, others.matched, others.documents) == (21, 1, 0, 0)


def test_the_books_balance(cleaned: tuple[Path, Any]) -> None:
    run, result = cleaned
    rows = documents(run, "language", "dropped", "benchmark", "passed", "kept_id")
    counted = Counter(row["language"] for row in rows if row["dropped"])
    told = Counter(
        {
            row.language: row.dropped.get("decontamination.planted", 0)
            for row in result.languages
            if "decontamination.planted" in row.dropped
        }
    )
    assert counted == told
    for row in result.languages:
        assert row.read == row.kept + sum(row.dropped.values()), row.language
    kept = [row for row in rows if row["passed"] and not row["dropped"] and row["kept_id"] is None]
    assert len(kept) == result.kept
    assert gamayun_data.verify(run).ok
    claimed = json.loads((run / "provenance.json").read_text(encoding="utf-8"))
    assert claimed["counts"]["dropped"]["decontamination.planted"] == counted.total()
    assert [len(one["sha256"]) for one in claimed["benchmarks"]] == [64, 64]


def test_matches_show_both_texts(cleaned: tuple[Path, Any]) -> None:
    run, _ = cleaned
    texts = {
        row["doc_id"]: row["text"].encode() for row in documents(run, "doc_id", "text", "dropped")
    }
    matches = pq.read_table(run / "contamination" / "matches.parquet").to_pylist()
    assert matches
    for row in matches:
        span = texts[row["doc_id"]][row["start"] : row["end"]].decode()
        assert span in row["excerpt"]
        assert 0 < row["ngrams"] <= row["item_ngrams"]
        if row["score"] == 1.0:
            whole = set(re.findall(r"\w+", row["item_text"].upper()))
            assert whole <= set(re.findall(r"\w+", span.upper()))


def test_explain_names_the_benchmark(
    cleaned: tuple[Path, Any], benchmark: tuple[Path, set[str]]
) -> None:
    told = gamayun_data.explain(cleaned[0], min(benchmark[1]))
    assert (told.verdict, told.step, told.reason) == ("dropped", "decontamination", "planted")
    assert told.benchmark_item is not None
    assert told.benchmark_item.startswith("q")
    assert told.contamination is not None
    assert told.contamination >= 0.25


def test_annotate_drops_nothing(
    finished: tuple[Path, Any], benchmark: tuple[Path, set[str]], tmp_path: Path, digests: Digests
) -> None:
    run = tmp_path / "run"
    result = gamayun_data.curate(
        sample=True,
        output=run,
        threads=1,
        decontaminate=[str(benchmark[0])],
        decontaminate_action="annotate",
    )
    assert result.kept == finished[1].kept
    before, after = digests(finished[0]), digests(run)
    assert {name: after[name] for name in before if name.startswith("selection")} == {
        name: before[name] for name in before if name.startswith("selection")
    }
    rows = documents(run, "id", "contaminated", "dropped")
    assert benchmark[1] <= {row["id"] for row in rows if row["contaminated"]}
    assert not any(row["dropped"] for row in rows)
    # A folder is one benchmark.
    assert [row.name for row in result.benchmarks] == [benchmark[0].name]


def test_matches_do_not_depend_on_threads_or_files(
    benchmark: tuple[Path, set[str]], sample: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    web = tmp_path / "web"
    web.mkdir()
    lines = [line for line in _lines(sample / "web-en.jsonl.zst") if line.strip()]
    outputs = []
    for name, heaps, threads in (
        ("a", [lines], 1),
        ("b", [lines[5::2], lines[:5], lines[6::2]], 3),
    ):
        folder = web / name
        folder.mkdir(parents=True)
        for number, heap in enumerate(heaps):
            (folder / f"{number}.jsonl").write_bytes(b"".join(line + b"\n" for line in heap))
        gamayun_data.curate(
            [str(folder)],
            output=run / name,
            threads=threads,
            langs=["en"],
            decontaminate=[str(benchmark[0] / "planted.jsonl")],
        )
        outputs.append((run / name / "contamination" / "matches.parquet").read_bytes())
    assert outputs[0] == outputs[1]
    assert pq.read_metadata(run / "a" / "contamination" / "matches.parquet").num_rows > 0


def _lines(path: Path) -> list[bytes]:
    import io

    import zstandard

    data = zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(path.read_bytes()), read_across_frames=True
    )
    return data.read().split(b"\n")


def test_a_changed_benchmark_is_looked_for_again(
    benchmark: tuple[Path, set[str]], sample: Path, tmp_path: Path
) -> None:
    items = tmp_path / "items.txt"
    items.write_text("Nothing like this long line stands in the sample at all\n", encoding="utf-8")

    def again() -> Any:  # noqa: ANN401
        return gamayun_data.curate(
            [str(sample / "web-en.jsonl.zst")],
            output=tmp_path / "run",
            langs=["en"],
            decontaminate=[str(items)],
        )

    first = again()
    assert not first.benchmarks[0].documents
    assert all(row.skipped for row in again().steps)
    planted = (benchmark[0] / "planted.jsonl").read_text(encoding="utf-8").splitlines()
    items.write_text("\n".join(json.loads(line)["question"] for line in planted), encoding="utf-8")
    third = again()
    assert third.benchmarks[0].documents > 0
    assert third.kept < first.kept
    assert {row.name: row.skipped for row in third.steps}["annotate"]
    assert gamayun_data.verify(tmp_path / "run").ok


def test_what_cannot_be_used_is_refused_at_once(command: CommandLine, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text('{"stem": "one two three"}\n', encoding="utf-8")
    missing = command(
        "curate", "--sample", "-o", tmp_path / "a", "--decontaminate", tmp_path / "none.jsonl"
    )
    assert missing.code == 2
    assert "none.jsonl" in missing.err
    fields = command("curate", "--sample", "-o", tmp_path / "b", "--decontaminate", items)
    assert fields.code == 2
    assert "items.jsonl has stem" in fields.err
    assert "--decontaminate-fields" in fields.err or "decontaminate-fields" in fields.err
    other = command(
        "curate",
        "--sample",
        "-o",
        tmp_path / "c",
        "--decontaminate",
        items,
        "--decontaminate-fields",
        "stem",
        "--json",
    )
    assert other.code == 0
    counted = json.loads(other.out)["benchmarks"]
    assert counted == [{"name": "items", "items": 1, "too_short": 1, "matched": 0, "documents": 0}]


@pytest.mark.slow
def test_killed_while_it_looks_it_goes_on_to_the_same_bytes(
    cleaned: tuple[Path, Any],
    benchmark: tuple[Path, set[str]],
    command: CommandLine,
    tmp_path: Path,
) -> None:
    output = tmp_path / "run"
    files = [benchmark[0] / "planted.jsonl", benchmark[0] / "others.parquet"]
    named = [word for file in files for word in ("--decontaminate", file)]
    arguments = ("curate", "--sample", "-o", output, "--threads", 2, *named)
    kills = 0
    for moment in (
        "scratch/decontaminate/receipt.json",
        "scratch/decontaminate/*.hits",
        "contamination/part-*",
        "steps/decontaminate.json",
    ):
        kills += killed_at(moment, output, command, *arguments)
    assert kills >= 2
    done = command(*arguments)
    assert done.code == 0, done.err
    for name in ("selection", "contamination"):
        ours = {path.name: path.read_bytes() for path in (cleaned[0] / name).iterdir()}
        assert {path.name: path.read_bytes() for path in (output / name).iterdir()} == ours
    assert not (output / "scratch").exists()
