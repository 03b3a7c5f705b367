"""The dedup step of a run against the definition, and whatever the memory, threads and parts."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import xxhash

import gamayun_data as gd
from gamayun_data import _core, alone, config, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gamayun_data.recipe import Recipe

pytestmark = pytest.mark.slow

MEBIBYTE = 1 << 20
COLUMNS = (
    "doc_id",
    "cluster",
    "cluster_size",
    "kept_id",
    "kept_source",
    "kept_name",
    "kept_from",
    "measure",
    "similarity",
)


# --- a corpus with every kind of duplicate ----------------------------------------------------


def words(draw: random.Random, count: int) -> list[str]:
    return [f"word{draw.randrange(100_000)}" for _ in range(count)]


def edited(draw: random.Random, text: list[str], edits: int) -> list[str]:
    """The words with so many of them replaced, in one stretch."""
    at = draw.randrange(len(text) - edits)
    return [*text[:at], *words(draw, edits), *text[at + edits :]]


def texts(draw: random.Random) -> Iterator[list[str]]:
    """Families of copies, edits, chains of edits, beginnings; and pages of one template."""
    for _ in range(60):
        original = words(draw, draw.randrange(30, 200))
        yield original
        for _ in range(draw.randrange(4)):
            yield original
            yield edited(draw, original, 2)
            yield original[: len(original) * 2 // 3]
        chain = original
        for _ in range(draw.randrange(6)):
            chain = edited(draw, chain, 3)
            yield chain
    template = words(draw, 260)
    for page in range(60):
        yield [*template, *words(draw, 20 if page % 3 else 70)]
    yield from ([], [], ["few"], ["few"], ["...", "!"])


def records(seed: int) -> list[dict[str, Any]]:
    """Those texts with ids, some shared, some absent; and with scores and dates, some absent."""
    draw = random.Random(seed)
    made: list[dict[str, Any]] = []
    for number, text in enumerate(texts(draw)):
        record: dict[str, Any] = {"text": " ".join(text) or "...", "group": draw.choice("ab")}
        if draw.random() < 0.7:
            record["id"] = f"doc{number if draw.random() < 0.8 else number % 7}"
        if draw.random() < 0.9:
            record["score"] = draw.randrange(4)
        if draw.random() < 0.9:
            record["date"] = f"2026-01-{draw.randrange(1, 9):02}"
        made.append(record)
    return made


def write(folder: Path, rows: list[dict[str, Any]], files: int) -> Path:
    """A recipe over two sources, each in so many files."""
    folder.mkdir()
    for number in range(files):
        for group in "ab":
            mine = [row for row in rows[number::files] if row["group"] == group]
            lines = [json.dumps({k: v for k, v in row.items() if k != "group"}) for row in mine]
            path = folder / f"{group}-{number}.jsonl"
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sources = "".join(
        f'[[sources]]\nname = "{group}"\npaths = ["{folder}/{group}-*.jsonl"]\n'
        f'language = "mixed"\nrules = "none"\npriority = {priority}\n'
        for group, priority in (("a", 2), ("b", 1))
    )
    keep = '["quality:score", "newest", "priority", "longest", "id"]'
    recipe = folder / "recipe.toml"
    text = f'version = 1\nlanguages = ["mixed"]\n[dedup]\nkeep = {keep}\n{sources}'
    recipe.write_text(text, encoding="utf-8")
    return recipe


# --- the definition ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """What the definition knows of a document."""

    doc_id: bytes
    name: str | None
    source: str
    text: str
    passed: bool
    preference: tuple[float, ...]


def documents(run: Path, asked: Recipe) -> list[Document]:
    """The documents that passed language, their ids numbered where they share one."""
    tables = ("documents", "annotations", "decisions")
    rows = pl.concat(
        [
            pl.concat([pl.read_parquet(run / t / path.name) for t in tables], how="horizontal")
            for path in sorted((run / "documents").glob("part-*.parquet"))
        ]
    ).to_dicts()
    by_id = defaultdict(list)
    for row in rows:
        by_id[row["doc_id"]].append(row)
    for doc_id, sharing in by_id.items():
        for number, row in enumerate(sorted(sharing, key=lambda row: row["tie_hash"].hex())):
            if number:
                said = doc_id + number.to_bytes(8, "big")
                row["doc_id"] = xxhash.xxh3_128_digest(said)
    priorities = {source.name: source.priority for source in asked.sources}
    return [
        Document(
            doc_id=row["doc_id"],
            name=row["id"],
            source=row["source"],
            text=row["text"],
            passed=row["passed"],
            preference=preference(row, asked, priorities),
        )
        for row in rows
        if row["passed_language"]
    ]


def preference(row: dict[str, Any], asked: Recipe, priorities: dict[str, int]) -> tuple[float, ...]:
    metadata, last = json.loads(row["metadata"]), float("inf")
    score, date = metadata.get("score"), metadata.get("date")
    keys = {
        "priority": float(priorities[row["source"]]),
        "quality": last if row["language_score"] is None else -row["language_score"],
        "quality:score": last if score is None else -score,
        "newest": last if date is None else -float(date.replace("-", "")),
        "longest": -float(len(row["text"].encode())),
    }
    return tuple(keys[key] for key in asked.dedup.keep if key != "id")


def components(all_of_them: list[Document], asked: Recipe) -> Iterable[list[Document]]:
    """Documents that share a band key or a text, directly or through others."""
    dedup = asked.dedup
    hasher = gd.MinHasher(bands=dedup.bands, rows=dedup.rows, shingle=dedup.shingle)
    keys = hasher.band_keys([one.text for one in all_of_them])
    buckets: dict[str | tuple[int, int], list[int]] = defaultdict(list)
    for place, (one, row) in enumerate(zip(all_of_them, keys.tolist(), strict=True)):
        buckets[one.text].append(place)
        for band, key in enumerate(row):
            if key != 2**64 - 1:
                buckets[band, key >> 10].append(place)
    label = list(range(len(all_of_them)))
    changed = True
    while changed:
        changed = False
        for places in buckets.values():
            least = min(label[place] for place in places)
            changed |= any(label[place] != least for place in places)
            for place in places:
                label[place] = least
    found = defaultdict(list)
    for place, one in enumerate(all_of_them):
        found[label[place]].append(one)
    return found.values()


def walk(members: list[Document], asked: Recipe) -> Iterator[tuple[Document, Document, Any, Any]]:
    """Each member with the head of its cluster and the proof."""
    heads: list[Document] = []
    homes: dict[str, tuple[Document, Any, Any]] = {}
    for one in sorted(members, key=lambda one: (not one.passed, one.preference, one.doc_id)):
        if one.text in homes:
            head, measure, value = homes[one.text]
            if measure is None:
                measure, value = "exact", 1.0
            yield one, head, measure, value
            continue
        home = next((h for head in heads if (h := match(head, one, asked))), (one, None, None))
        if home[0] is one:
            heads.append(one)
        homes[one.text] = home
        yield one, *home


def match(head: Document, one: Document, asked: Recipe) -> tuple[Document, str, float] | None:
    value = gd.jaccard(head.text, one.text)
    if value >= asked.dedup.threshold:
        return head, "jaccard", value
    asked_for = asked.dedup.containment
    if asked_for is None or shingles(one.text) > shingles(head.text):
        return None
    value = gd.containment(head.text, one.text)
    return (head, "containment", value) if value >= asked_for else None


def shingles(text: str) -> int:
    """Different shingles of a text of words that are set apart by spaces."""
    parts = text.split()
    return len({tuple(parts[i : i + 5]) for i in range(len(parts) - 4)}) or 1


def defined(run: Path, asked: Recipe) -> dict[bytes, tuple[Any, ...]]:
    """What the tables of the step must say of every document that passed language."""
    outcome: dict[bytes, tuple[Any, ...]] = {}
    for members in components(documents(run, asked), asked):
        walked = list(walk(members, asked))
        sizes = Counter(head.doc_id for _, head, _, _ in walked)
        for one, head, measure, value in walked:
            kept = head if head.passed and head is not one else None
            outcome[one.doc_id] = (
                head.doc_id,
                sizes[head.doc_id],
                kept and kept.doc_id,
                kept and kept.source,
                kept and kept.name,
                None,
                measure,
                value,
            )
    return outcome


# --- the step ---------------------------------------------------------------------------------


def table(run: Path) -> pl.DataFrame:
    frame = pl.read_parquet(run / "dedup" / "part-*.parquet")
    assert tuple(frame.columns) == COLUMNS
    return frame


def outcomes(run: Path) -> dict[bytes, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in table(run).rows()}


def again(run: Path, asked: Recipe, *, memory: int, threads: int = 1) -> dict[str, Any]:
    """Do the step alone, on what a run holds."""
    dedup = asked.dedup
    answer = _core.dedup(
        run,
        steps.core_sources(asked),
        compare=dedup.compare,
        bands=dedup.bands,
        rows=dedup.rows,
        shingle=dedup.shingle,
        threshold=dedup.threshold,
        dedup_seed=steps.DEDUP_SEED,
        containment=dedup.containment,
        keep=dedup.keep,
        against=[],
        annotate=False,
        identity="0",
        threads=threads,
        memory=memory,
    )
    counts: dict[str, Any] = json.loads(answer)
    return {**counts, "references": []}


def counted(run: Path) -> dict[str, Any]:
    receipt = json.loads((run / "steps" / "dedup.json").read_text(encoding="utf-8"))
    counts: dict[str, Any] = receipt["counts"]
    return counts


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recipe]:
    """A run over the corpus above, and its recipe. Copied before anything is changed."""
    folder = tmp_path_factory.mktemp("made")
    asked = config.resolve(write(folder / "input", records(3), files=2))
    gd.curate(recipe=asked, output=folder / "run", threads=2)
    return folder / "run", asked


def test_the_sample_is_decided_as_defined(run: Path, sample: Path) -> None:
    expected = defined(run, config.resolve(sample / "recipe.toml"))
    found = outcomes(run)
    assert {doc_id: found[doc_id] for doc_id in expected} == expected
    assert {row[0] for row in table(run).rows()} >= set(expected)
    alone = [row for doc_id, row in found.items() if doc_id not in expected]
    assert alone
    assert all(row[1:] == (1, *[None] * 6) for row in alone)


@pytest.mark.parametrize("containment", [None, 0.9])
def test_the_made_corpus_is_decided_as_defined(
    made: tuple[Path, Recipe], tmp_path: Path, containment: float | None
) -> None:
    run, asked = tmp_path / "run", made[1]
    shutil.copytree(made[0], run)
    asked = replace(asked, dedup=replace(asked.dedup, containment=containment))
    counts = again(run, asked, memory=64 * MEBIBYTE, threads=2)
    assert outcomes(run) == defined(run, asked)
    measures = table(run)["measure"].drop_nulls().unique().sort().to_list()
    assert measures == (["containment"] if containment else []) + ["exact", "jaccard"]
    assert counts["repeated_ids"] > 0
    assert counts["lacking"] == {
        field: sum(f'"{field}"' not in one for one in table_of(run, "metadata"))
        for field in ("score", "date")
    }


def table_of(run: Path, column: str) -> list[str]:
    return pl.read_parquet(run / "documents" / "part-*.parquet")[column].to_list()


@pytest.mark.parametrize(("memory", "threads"), [(1, 1), (1, 3), (3, 2), (1024, 5)])
def test_memory_and_threads_change_nothing(
    made: tuple[Path, Recipe], tmp_path: Path, memory: int, threads: int
) -> None:
    """With a mebibyte the pages of a template are a component that does not fit."""
    run = tmp_path / "run"
    shutil.copytree(made[0], run)
    counts = again(run, made[1], memory=memory * MEBIBYTE, threads=threads)
    assert table(run).equals(table(made[0]))
    assert counts == counted(made[0])
    assert not (run / "scratch").exists()


@pytest.mark.parametrize("files", [1, 7])
def test_parts_and_their_order_change_nothing(
    made: tuple[Path, Recipe], tmp_path: Path, files: int
) -> None:
    rows = records(3)
    random.Random(files).shuffle(rows)
    asked = config.resolve(write(tmp_path / "input", rows, files))
    gd.curate(recipe=asked, output=tmp_path / "run", threads=2)
    assert sorted(table(tmp_path / "run").rows()) == sorted(table(made[0]).rows())
    ours, theirs = counted(tmp_path / "run"), counted(made[0])
    assert ours == theirs


def test_more_candidates_than_the_memory_holds(tmp_path: Path) -> None:
    """They are joined by sorts on disk where a forest of 80,000 does not fit."""
    draw = random.Random(8)
    lines = []
    for family in range(20_000):
        text = words(draw, 12)
        near = [*text[:-1], f"last{family}"]
        lines += [json.dumps({"text": " ".join(one)}) for one in (text, near, text, near)]
    draw.shuffle(lines)
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    gd.dedup([file], output=tmp_path / "run", threads=2)
    ours = table(tmp_path / "run")
    asked = alone.recipe(config.resolve(sources=[str(file)]))
    counts = again(tmp_path / "run", asked, memory=MEBIBYTE, threads=2)
    assert table(tmp_path / "run").equals(ours)
    assert counts == counted(tmp_path / "run")
    assert counts["candidates"] == 80_000
    assert counts["repeated_ids"] == 40_000


def test_what_a_killed_step_of_something_else_left_is_not_used(
    made: tuple[Path, Recipe], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(made[0], run)
    (run / "scratch" / "dedup-1-other" / "job").mkdir(parents=True)
    (run / "scratch" / "dedup-1-other" / "job" / "job").write_text("job", encoding="ascii")
    assert again(run, made[1], memory=MEBIBYTE)["reused_tasks"] == 0
    assert not (run / "scratch").exists()
