"""A run compared with earlier ones: what is found, and that the earlier run is left alone."""

from __future__ import annotations

import io
import json
import random
import shutil
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from tests.integration.killing import killed, killed_at

import gamayun_data as gd
from gamayun_data.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.integration.conftest import CommandLine

LIST = [
    "doc_id",
    "source",
    "id",
    "old_doc_id",
    "old_source",
    "old_id",
    "reference",
    "measure",
    "similarity",
]


def words(draw: random.Random, count: int) -> list[str]:
    return [f"word{draw.randrange(100_000)}" for _ in range(count)]


def edited(draw: random.Random, text: list[str], edits: int) -> list[str]:
    at = draw.randrange(len(text) - edits)
    return [*text[:at], *words(draw, edits), *text[at + edits :]]


def families(seed: int) -> list[list[str]]:
    """Texts with copies, edits and chains of edits; pages of one template; short ones."""
    draw, made = random.Random(seed), list[list[str]]()
    for _ in range(70):
        original = words(draw, draw.randrange(30, 160))
        made.append(original)
        for _ in range(draw.randrange(3)):
            made += [original, edited(draw, original, 2), edited(draw, original, 9)]
        chain = original
        for _ in range(draw.randrange(5)):
            chain = edited(draw, chain, 3)
            made.append(chain)
    template = words(draw, 200)
    made += [[*template, *words(draw, 15 + 40 * (page % 2))] for page in range(40)]
    return [*made, ["few"], ["few", "words"], ["few"]]


def write(path: Path, texts: Iterable[tuple[str | None, str]]) -> Path:
    """JSON Lines of ids and texts; a document without an id has its text for one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        for name, text in texts:
            record = {"text": text} | ({} if name is None else {"id": name})
            out.write(json.dumps(record) + "\n")
    return path


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The texts in two heaps, with ids; some ids stand in both with another text."""
    folder, draw = tmp_path_factory.mktemp("halves"), random.Random(5)
    heaps: tuple[list[tuple[str | None, str]], ...] = ([], [])
    for number, text in enumerate(families(1)):
        name = None if number % 5 == 4 else f"doc{number}"
        heaps[draw.randrange(2)].append((name, " ".join(text)))
    for number in range(6):
        other = (f"both{number}", " ".join(words(draw, 50)))
        heaps[0].append(other)
        changed = " ".join(edited(draw, other[1].split(), 1 if number % 2 else 40))
        heaps[1].append((other[0], changed))
    return write(folder / "one.jsonl", heaps[0]), write(folder / "two.jsonl", heaps[1])


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, halves: tuple[Path, Path]) -> Path:
    """The earlier run. Only to be read."""
    run = tmp_path_factory.mktemp("old") / "v1"
    gd.dedup([halves[0]], output=run, keep="id", threads=2)
    return run


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, old: Path) -> Path:
    """Its index. Only to be read."""
    path = tmp_path_factory.mktemp("index") / "v1"
    gd.build_index(old, output=path, threads=2)
    return path


# --- the definition ---------------------------------------------------------------------------


def read(run: Path, table: str, *columns: str) -> list[dict[str, Any]]:
    rows = pl.read_parquet(run / table / "part-*.parquet", columns=list(columns))
    return rows.to_dicts()


def buckets(new: list[tuple[bytes, str]], earlier: list[tuple[bytes, str]]) -> list[list[int]]:
    """Places, first of the new documents and then of the earlier ones, that share a key.

    Only those of which one is new.
    """
    texts = [text for _, text in (*new, *earlier)]
    found: dict[Any, list[int]] = defaultdict(list)
    for place, (row, text) in enumerate(
        zip(gd.MinHasher().band_keys(texts).tolist(), texts, strict=True)
    ):
        found[text].append(place)
        for band, key in enumerate(row):
            if key != 2**64 - 1:
                found[band, key >> 10].append(place)
    return [places for places in found.values() if places[0] < len(new)]


def defined(new: list[tuple[bytes, str]], earlier: list[tuple[bytes, str]]) -> dict[bytes, Any]:
    """The earlier document that each new one goes to: (its id, measure, value).

    Documents that share a key are compared, directly or through others, if one of those that
    share it is new: earlier ones by id, each of which stays, then new ones.
    """
    everybody = [*new, *earlier]
    label, shared = list(range(len(everybody))), buckets(new, earlier)
    changed = True
    while changed:
        changed = False
        for places in shared:
            least = min(label[place] for place in places)
            changed |= any(label[place] != least for place in places)
            for place in places:
                label[place] = least
    found = {}
    for place, (doc_id, text) in enumerate(new):
        heads = [
            everybody[other]
            for other in range(len(new), len(everybody))
            if label[other] == label[place]
        ]
        heads.sort()
        exact = [(other, "exact", 1.0) for other, there in heads if there == text]
        near = ((other, "jaccard", gd.jaccard(there, text)) for other, there in heads)
        hits = exact or [hit for hit in near if hit[2] >= 0.8]
        if hits:
            found[doc_id] = hits[0]
    return found


def given(run: Path) -> list[tuple[bytes, str]]:
    """All documents of a run: DocId and text."""
    ids, texts = read(run, "dedup", "doc_id"), read(run, "documents", "text")
    return [(a["doc_id"], b["text"]) for a, b in zip(ids, texts, strict=True)]


def kept(run: Path) -> list[tuple[bytes, str]]:
    selected = {row["doc_id"] for row in read(run, "selection", "doc_id")}
    return [one for one in given(run) if one[0] in selected]


def listed(run: Path) -> dict[bytes, Any]:
    rows = read(run, "against", "doc_id", "old_doc_id", "measure", "similarity")
    return {r["doc_id"]: (r["old_doc_id"], r["measure"], r["similarity"]) for r in rows}


def removed(run: Path) -> dict[bytes, Any]:
    rows = read(run, "dedup", "doc_id", "kept_id", "kept_from", "measure", "similarity")
    return {
        r["doc_id"]: (r["kept_id"], r["measure"], r["similarity"]) for r in rows if r["kept_from"]
    }


def selection(run: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((run / "selection").glob("*.parquet"))]


def files(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


# --- drop and annotate ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory, halves: tuple[Path, Path], old: Path) -> Path:
    """The second heap against the run of the first. Only to be read."""
    run = tmp_path_factory.mktemp("new") / "v2"
    gd.dedup([halves[1]], output=run, keep="id", against=[str(old)], threads=2)
    return run


def test_what_the_definition_says_is_removed_and_nothing_else(new: Path, old: Path) -> None:
    expected = defined(given(new), kept(old))
    assert len(expected) > 40
    assert {measure for _, measure, _ in expected.values()} == {"exact", "jaccard"}
    assert removed(new) == expected
    assert listed(new) == expected
    selected = {row["doc_id"] for row in read(new, "selection", "doc_id")}
    texts = dict(given(new))
    old_texts = {text for _, text in kept(old)}
    assert not any(texts[doc_id] in old_texts for doc_id in selected)


def test_what_no_earlier_run_has_is_decided_as_without_one(
    new: Path, halves: tuple[Path, Path], tmp_path: Path
) -> None:
    """The same as a run of the documents that are left."""
    gone = listed(new)
    names = read(new, "documents", "id", "text")
    left = [
        (row["id"], row["text"])
        for row, (doc_id, _) in zip(names, given(new), strict=True)
        if doc_id not in gone
    ]
    gd.dedup([write(tmp_path / "two.jsonl", left)], output=tmp_path / "run", keep="id")
    assert halves[1].name == "two.jsonl"
    assert selection(tmp_path / "run") == selection(new)


def test_annotate_lists_the_same_and_removes_nothing(
    new: Path, old: Path, halves: tuple[Path, Path], tmp_path: Path
) -> None:
    run, alone = tmp_path / "run", tmp_path / "alone"
    options: dict[str, Any] = {"keep": "id", "threads": 1}
    result = gd.dedup(
        [halves[1]], output=run, against=[str(old)], against_action="annotate", **options
    )
    gd.dedup([halves[1]], output=alone, **options)
    assert selection(run) == selection(alone)
    assert files(run / "dedup") == files(alone / "dedup")
    assert (run / "against.parquet").read_bytes() == (new / "against.parquet").read_bytes()
    assert result.against == {str(old): len(listed(new))}
    assert not any("earlier" in name for row in result.languages for name in row.dropped)
    assert gd.verify(run).ok
    selected = {row["doc_id"] for row in read(run, "selection", "doc_id")}
    one = next(doc_id for doc_id in sorted(listed(run)) if doc_id in selected)
    told = gd.explain(run, one.hex())
    assert told.verdict == "kept"
    assert told.earlier is not None
    assert str(old) in told.earlier


@pytest.mark.slow
def test_neither_memory_nor_threads_nor_files_change_anything(
    new: Path, old: Path, halves: tuple[Path, Path], tmp_path: Path
) -> None:
    lines = halves[1].read_text(encoding="utf-8").splitlines(keepends=True)
    for number, heap in enumerate((lines[1::2], lines[::4], lines[2::4])):
        path = tmp_path / "in" / f"{number}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(heap), encoding="utf-8")
    for threads, memory in ((1, 1 << 30), (3, 1 << 32)):
        run = tmp_path / f"run{threads}"
        gd.dedup(
            [tmp_path / "in"],
            output=run,
            keep="id",
            against=[str(old)],
            threads=threads,
            memory=memory,
        )
        assert selection(run) == selection(new)
        assert (run / "against.parquet").read_bytes() == (new / "against.parquet").read_bytes()


def test_the_books_balance_and_explain_names_the_earlier_document(new: Path, old: Path) -> None:
    assert gd.verify(new).ok
    claimed = json.loads((new / "provenance.json").read_text(encoding="utf-8"))
    found = listed(new)
    assert claimed["counts"]["dropped"]["dedup.earlier"] == len(found)
    assert claimed["against"] == {str(old): len(found)}
    assert [one["kind"] for one in claimed["references"]] == ["run"]
    names = {row["doc_id"]: row["id"] for row in _named(old)}
    for doc_id, (old_id, measure, value) in sorted(found.items())[:5]:
        told = gd.explain(new, doc_id.hex())
        assert (told.verdict, told.step, told.reason) == ("dropped", "dedup", measure)
        assert told.kept_document == old_id.hex()
        assert told.kept_id == (names[old_id] or old_id.hex())
        assert told.kept_from == str(old)
        assert told.similarity == pytest.approx(value)
    rows = pl.read_parquet(new / "against.parquet")
    assert rows.columns == LIST
    assert rows["doc_id"].to_list() == sorted(doc_id.hex() for doc_id in found)
    assert rows["old_id"].to_list() == [names[found[bytes.fromhex(d)][0]] for d in rows["doc_id"]]
    told_of = pl.read_parquet(new / "removed.parquet").filter(pl.col("kept_from").is_not_null())
    assert told_of["doc_id"].to_list() == rows["doc_id"].to_list()


def _named(run: Path) -> list[dict[str, Any]]:
    ids, names = read(run, "dedup", "doc_id"), read(run, "documents", "id")
    return [a | b for a, b in zip(ids, names, strict=True)]


def test_a_newer_version_of_a_document_goes_only_if_it_is_alike(new: Path) -> None:
    """Ids that stand in both heaps: of odd number with a word changed, of even rewritten."""
    found = listed(new)
    ids = {row["id"]: row["doc_id"] for row in _named(new)}
    for number in range(6):
        doc_id = ids[f"both{number}"]
        assert (doc_id in found) == (number % 2 == 1)
        if doc_id in found:
            assert found[doc_id][0] == doc_id, "the old version has the same DocId"
            assert found[doc_id][1] == "jaccard"


def test_nothing_of_the_reference_is_written_or_hashed_again(
    old: Path, halves: tuple[Path, Path], new: Path, tmp_path: Path
) -> None:
    """A reference without its annotations, and with other texts where no new one is near."""
    copy, run = tmp_path / "v1", tmp_path / "run"
    shutil.copytree(old, copy)
    shutil.rmtree(copy / "annotations")
    before = files(copy)
    read_only = [copy, *(path for path in copy.rglob("*") if path.is_dir())]
    for path in read_only:
        path.chmod(0o555)
    try:
        gd.dedup([halves[1]], output=run, keep="id", against=[str(copy)])
    finally:
        for path in read_only:
            path.chmod(0o755)
    assert files(copy) == before
    assert listed(run) == listed(new)
    # A text that shares no key with a new one is never read; one that does makes itself known.
    everybody, news = given(copy), given(new)
    shared = {place - len(news) for places in buckets(news, everybody) for place in places}
    _spoil(copy, [place for place in range(len(everybody)) if place not in shared])
    gd.dedup([halves[1]], output=tmp_path / "again", keep="id", against=[str(copy)])
    assert listed(tmp_path / "again") == listed(new)
    wanted = min(old_id for old_id, measure, _ in listed(new).values() if measure == "jaccard")
    _spoil(copy, [[doc_id for doc_id, _ in everybody].index(wanted)])
    with pytest.raises(IntegrityError, match="its text is not the one that was hashed"):
        gd.dedup([halves[1]], output=tmp_path / "spoilt", keep="id", against=[str(copy)])


def _spoil(run: Path, places: list[int]) -> None:
    """Replace these texts in a run of one part."""
    assert places
    (path,) = sorted((run / "documents").glob("part-*.parquet"))
    table = pq.read_table(path)
    texts = table["text"].to_pylist()
    for place in places:
        texts[place] = "spoilt"
    at = table.schema.get_field_index("text")
    pq.write_table(table.set_column(at, table.schema.field(at), [pa.array(texts)]), path)


def test_only_the_dedup_step_is_done_again_when_a_reference_changes(
    halves: tuple[Path, Path], old: Path, tmp_path: Path
) -> None:
    index, run = tmp_path / "index", tmp_path / "run"
    gd.build_index(old, output=index)

    def again() -> dict[str, bool]:
        result = gd.dedup([halves[1]], output=run, keep="id", against=[str(index)])
        return {row.name: row.skipped for row in result.steps}

    assert not any(again().values())
    assert all(again().values())
    first = selection(run)
    shutil.rmtree(index)
    other = tmp_path / "other"
    gd.dedup([write(tmp_path / "few.jsonl", [("a", "another text")])], output=other, keep="id")
    gd.build_index(other, output=index)
    skipped = again()
    assert skipped["annotate"]
    assert skipped["decide"]
    assert not skipped["dedup"]
    assert selection(run) != first


def test_equal_texts_alone_are_compared_with_equal_texts_alone(
    halves: tuple[Path, Path], old: Path, tmp_path: Path
) -> None:
    one, index, two = tmp_path / "one", tmp_path / "index", tmp_path / "two"
    options: dict[str, Any] = {"levels": ["exact"], "keep": "id"}
    gd.dedup([halves[0]], output=one, **options)
    gd.build_index(one, output=index)
    for reference in (one, index):
        gd.dedup([halves[1]], output=two, against=[str(reference)], **options)
        there = {text for _, text in kept(one)}
        expected = {doc_id for doc_id, text in given(two) if text in there}
        assert expected
        assert set(listed(two)) == expected
        assert {measure for _, measure, _ in listed(two).values()} == {"exact"}
        assert gd.verify(two).ok
        shutil.rmtree(two)
    with pytest.raises(ConfigError, match="its bands is 14, and 0 in this run"):
        gd.dedup([halves[1]], output=two, against=[str(old)], **options)
    with pytest.raises(ConfigError, match="a list is compared with no earlier run"):
        gd.dedup([halves[1]], output=two, against=[str(old)], list_only=True)
    with pytest.raises(ConfigError, match="no documents are compared"):
        gd.dedup([halves[1]], output=two, against=[str(old)], levels=["line"])
    assert not two.exists()


# --- indexes ----------------------------------------------------------------------------------


def test_an_index_says_what_its_run_says(
    index: Path, old: Path, new: Path, halves: tuple[Path, Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    gd.dedup([halves[1]], output=run, keep="id", against=[str(index)])
    assert selection(run) == selection(new)
    assert listed(run) == listed(new)
    rows = pl.read_parquet(index / "documents" / "part-*.parquet")
    assert rows.columns == ["doc_id", "source", "id", "text"]
    assert list(zip(rows["doc_id"], rows["text"], strict=True)) == sorted(kept(old))
    told = gd.show_index(index, check=True)
    assert not told.problems
    assert (told.documents, told.sources) == (rows.height, {"input": rows.height})
    assert told.band_bytes <= 128 * rows.height + 8192


@pytest.mark.slow
def test_the_bytes_of_an_index_depend_on_the_documents_alone(
    halves: tuple[Path, Path], index: Path, tmp_path: Path
) -> None:
    lines = halves[0].read_text(encoding="utf-8").splitlines(keepends=True)
    for number, heap in enumerate((lines[1::2], lines[::2])):
        path = tmp_path / "in" / f"{number}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(heap), encoding="utf-8")
    gd.dedup([tmp_path / "in"], output=tmp_path / "run", keep="id", threads=3)
    gd.build_index(tmp_path / "run", output=tmp_path / "index", threads=1, memory=1 << 29)
    made, there = files(tmp_path / "index"), files(index)
    for apart in (made, there):
        del apart["provenance.json"]  # names the run
    assert made == there


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, new: Path, index: Path) -> tuple[Path, Path]:
    """The index of the second run, and that of both."""
    folder = tmp_path_factory.mktemp("both")
    second, merged = folder / "second", folder / "merged"
    gd.build_index(new, output=second)
    gd.merge_indexes([second, index], output=merged)
    return second, merged


def third(halves: tuple[Path, Path], path: Path) -> Path:
    """Documents that either run has, and others."""
    draw, texts = random.Random(3), list[tuple[str | None, str]]()
    for half in halves:
        for line in half.read_text(encoding="utf-8").splitlines()[::3]:
            text = json.loads(line)["text"].split()
            new_one = edited(draw, text, 2) if len(text) > 40 else text
            texts.append((f"third{len(texts)}", " ".join(new_one)))
    return write(path, [*texts, ("own", " ".join(words(draw, 80)))])


def test_a_merged_index_is_as_good_as_those_that_it_is_made_of(
    both: tuple[Path, Path], index: Path, halves: tuple[Path, Path], tmp_path: Path
) -> None:
    file = third(halves, tmp_path / "third.jsonl")
    second, merged = both
    one, two, swapped = tmp_path / "one", tmp_path / "two", tmp_path / "swapped"
    gd.dedup([file], output=one, keep="id", against=[str(merged)])
    result = gd.dedup([file], output=two, keep="id", against=[str(index), str(second)])
    gd.dedup([file], output=swapped, keep="id", against=[str(second), str(index)])
    assert len(listed(one)) > 80
    assert listed(one) == listed(two)
    assert selection(one) == selection(two)
    assert (two / "against.parquet").read_bytes() == (swapped / "against.parquet").read_bytes()
    assert set(result.against) == {str(index), str(second)}
    assert sum(result.against.values()) == len(listed(one))
    assert min(result.against.values()) > 0


def test_merging_writes_what_two_hold_once_in_any_order(
    both: tuple[Path, Path], index: Path, tmp_path: Path
) -> None:
    second, merged = both
    told = gd.show_index(merged, check=True)
    one, two = gd.show_index(index), gd.show_index(second)
    assert told.merged["repeated"] == 0, "what the first run has was removed from the second"
    assert told.documents == one.documents + two.documents
    assert told.merged["same_id"] == 3, "the rewritten documents"
    again = gd.merge_indexes([index, merged, second], output=tmp_path / "again", threads=1)
    assert (again.merged["read"], again.merged["repeated"]) == (2 * told.documents, told.documents)
    made, there = files(tmp_path / "again"), files(merged)
    for apart in (made, there):
        del apart["provenance.json"]
    assert made == there
    assert gd.merge_indexes([merged], output=tmp_path / "same").identity == told.identity


def test_equal_texts_of_other_names_are_counted(tmp_path: Path) -> None:
    texts = [" ".join(words(random.Random(n), 40)) for n in range(6)]
    paths = []
    for run in range(2):
        heap = [(f"run{run}-{n}", text) for n, text in enumerate(texts[2 * run : 2 * run + 4])]
        file = write(tmp_path / f"{run}.jsonl", heap)
        gd.dedup([file], output=tmp_path / f"run{run}")
        gd.build_index(tmp_path / f"run{run}", output=tmp_path / f"index{run}")
        paths.append(tmp_path / f"index{run}")
    told = gd.merge_indexes(paths, output=tmp_path / "merged")
    assert told.merged == {"documents": 8, "read": 8, "repeated": 0, "same_id": 0, "same_text": 2}


def test_curate_takes_references_from_its_recipe(sample: Path, tmp_path: Path) -> None:
    """Half of the English pages of the sample, and then all of them."""
    lines = _lines(sample / "web-en.jsonl.zst")
    half = tmp_path / "half.jsonl"
    half.write_bytes(b"".join(lines[::2]))
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('version = 1\nlanguages = ["en"]\n[dedup]\nagainst = ["index"]\n', "utf-8")
    gd.curate([half], output=tmp_path / "v1", langs=["en"])
    told = gd.build_index(tmp_path / "v1", output=tmp_path / "index")
    selected = pl.read_parquet(tmp_path / "v1" / "selection" / "part-*.parquet")
    assert told.documents == selected.height
    run = tmp_path / "v2"
    result = gd.curate([sample / "web-en.jsonl.zst"], output=run, recipe=recipe, threads=2)
    assert result.against == {str(tmp_path / "index"): len(listed(run))}
    assert len(listed(run)) >= selected.height
    assert sum(row.dropped.get("dedup.earlier", 0) for row in result.languages) == len(listed(run))
    left = pl.read_parquet(run / "selection" / "part-*.parquet")
    assert left.height == result.kept > 0
    assert not set(left["text"]) & set(selected["text"])
    assert gd.verify(run).ok


def _lines(path: Path) -> list[bytes]:
    reader = zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(path.read_bytes()), read_across_frames=True
    )
    return reader.read().splitlines(keepends=True)


# --- refusals and accidents -------------------------------------------------------------------


def test_what_cannot_be_compared_is_refused_before_any_work(
    command: CommandLine, halves: tuple[Path, Path], old: Path, index: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('version = 1\n[dedup]\nbands = 10\nagainst = ["none"]\n', encoding="utf-8")
    out = tmp_path / "out"
    for reference, said in (
        (old, "its bands is 14, and 10 in this run"),
        (index, "its bands is 14, and 10 in this run"),
        (tmp_path, "neither a finished run nor an index"),
        (tmp_path / "none", "neither a finished run nor an index"),
    ):
        answer = command("curate", halves[1], "-o", out, "--recipe", recipe, "--against", reference)
        assert answer.code == 2, answer.err
        assert said in answer.err
        assert not out.exists()
    with pytest.raises(ConfigError, match="compared with itself"):
        gd.dedup([halves[1]], output=out, against=[str(out)] if out.exists() else [str(_self(out))])


def _self(out: Path) -> Path:
    """A finished run in that place."""
    gd.dedup([write(out.parent / "self.jsonl", [("a", "some text")])], output=out)
    return out


def test_a_damaged_index_is_told(
    index: Path, halves: tuple[Path, Path], tmp_path: Path, command: CommandLine
) -> None:
    for number, (pattern, cut, said) in enumerate(
        (
            ("bands/*.bands", True, "bytes, but the index says"),
            ("documents/*.parquet", True, "bytes, but the index says"),
            ("index.json", True, "index.json"),
            ("bands/*.bands", False, "does not match its hash"),
        )
    ):
        copy = tmp_path / f"copy{number}"
        shutil.copytree(index, copy)
        (path,) = copy.glob(pattern)
        raw = bytearray(path.read_bytes())
        if cut:
            raw = raw[: len(raw) * 2 // 3]
        else:
            raw[len(raw) // 3] ^= 1
        path.write_bytes(raw)
        out = tmp_path / f"out{number}"
        answer = command("dedup", halves[1], "-o", out, "--keep", "id", "--against", copy)
        assert answer.code == 1, (pattern, answer.err)
        assert said in answer.err
        assert str(copy) in answer.err
        shown = command("index", "show", copy, "--check")
        assert shown.code == 1
        assert path.name in shown.out + shown.err


def test_an_index_is_never_written_over(
    command: CommandLine, old: Path, new: Path, index: Path, tmp_path: Path
) -> None:
    path = tmp_path / "index"
    assert command("index", "build", old, "-o", path).code == 0
    before = {one: one.stat().st_mtime_ns for one in path.rglob("*")}
    again = command("index", "build", old, "-o", path, "--json")
    assert again.code == 0, "the same index is there"
    assert json.loads(again.out)["documents"] == gd.show_index(index).documents
    other = command("index", "build", new, "-o", path)
    assert other.code == 2
    assert "another index is there" in other.err
    (tmp_path / "taken").mkdir()
    taken = command("index", "merge", path, index, "-o", tmp_path / "taken")
    assert taken.code == 2
    assert "stands there already" in taken.err
    assert {one: one.stat().st_mtime_ns for one in path.rglob("*")} == before
    unfinished = command("index", "build", tmp_path / "taken", "-o", tmp_path / "x")
    assert unfinished.code == 2
    assert not (tmp_path / "x.partial").exists()


@pytest.mark.slow
def test_a_killed_build_is_begun_anew(
    command: CommandLine, old: Path, index: Path, tmp_path: Path
) -> None:
    path, partial, kills = tmp_path / "index", tmp_path / "index.partial", 0
    for files_there in range(1, 7):
        kills += killed(
            lambda _pid, least=files_there: len(list(partial.rglob("*"))) >= least,  # type: ignore[misc]
            command,
            *("index", "build", old, "-o", path),
        )
        assert (path / "index.json").exists() == path.exists()
        shutil.rmtree(path, ignore_errors=True)
    assert kills
    assert command("index", "build", old, "-o", path).code == 0
    assert not partial.exists()
    made, there = files(path), files(index)
    for apart in (made, there):
        del apart["provenance.json"]
    assert made == there


@pytest.mark.slow
@pytest.mark.parametrize("action", ["drop", "annotate"])
def test_a_killed_comparison_goes_on(
    command: CommandLine, halves: tuple[Path, Path], old: Path, tmp_path: Path, action: str
) -> None:
    """Killed as soon as each of these is there, and then run to its end."""
    options = ("--keep", "id", "--against", old, "--against-action", action, "--threads", 2)
    calm, run, kills = tmp_path / "calm", tmp_path / "run", 0
    assert command("dedup", halves[1], "-o", calm, *options).code == 0
    moments = (
        "steps/decide.json",
        "scratch/dedup-*/ids",
        "scratch/dedup-*/job*/join-*",
        "scratch/dedup-*/job*/gather-*",
        "scratch/dedup-*/job-against/resolve-*",
        "dedup/part-*",
        "against/part-*",
        "against.parquet",
        "steps/dedup.json",
    )
    for moment in moments:
        kills += killed_at(moment, run, command, "dedup", halves[1], "-o", run, *options)
    assert kills >= 3
    done = command("dedup", halves[1], "-o", run, *options)
    assert done.code == 0, done.err
    assert selection(run) == selection(calm)
    assert (run / "against.parquet").read_bytes() == (calm / "against.parquet").read_bytes()
    assert files(run / "dedup") == files(calm / "dedup")
    assert not (run / "scratch").exists()
    assert gd.verify(run).ok


def test_the_memory_that_an_index_needs_is_told(old: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"index build needs .* MiB of memory"):
        gd.build_index(old, output=tmp_path / "index", memory=1 << 20)
    assert not list(tmp_path.iterdir())
