"""Levels: boilerplate planted in real text goes, is told of, and every byte is accounted for.

The tables are read with pyarrow and counted with str and bytes alone.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.killing import killed_at

import gamayun_data

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

PLANTED = {
    "en": "Sign up for our newsletter and never miss another story like this one.",
    "de": "Abonnieren Sie unseren Newsletter und verpassen Sie keine Nachricht mehr.",
    "ru": "Подпишитесь на нашу рассылку, чтобы не пропускать новые материалы сайта.",
    "zh": "订阅我们的新闻通讯，不要错过任何一篇像这样的精彩故事。",
    "ja": "ニュースレターに登録して、このような記事をお見逃しなく。",
}
SHORT = "Read more"
RECIPE = """version = 1
languages = ["en", "de", "ru", "zh", "ja"]
[passages]
paragraphs = 5
lines = 5
document_characters = 60
"""


def table(run: Path, name: str) -> pa.Table:
    parts = sorted((run / name).glob("part-*.parquet"))
    assert parts
    return pa.concat_tables([pq.read_table(part) for part in parts])


@pytest.fixture(scope="session")
def planted(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Survivors of the sample with boilerplate, as a paragraph of its own or as a line."""
    folder = tmp_path_factory.mktemp("planted")
    rows = pl.read_parquet(run / "selection").sort("doc_id")
    number: Counter[str] = Counter()
    for language, boilerplate in PLANTED.items():
        lines = []
        for text in rows.filter(pl.col("language") == language)["text"].to_list():
            number[language] += 1
            gap = "\n" if number[language] % 2 else "\n\n"
            whole = f"{boilerplate}{gap}{text}\n{SHORT}\n{boilerplate}"
            lines.append(json.dumps({"id": f"{language}{number[language]}", "text": whole}))
        (folder / f"{language}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert min(number.values()) > 12
    (folder / "recipe.toml").write_text(
        RECIPE + f'[[sources]]\nname = "web"\npaths = ["{folder}/*.jsonl"]\nrules = "none"\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="session")
def cut(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    output = tmp_path_factory.mktemp("cut") / "run"
    return output, gamayun_data.curate(recipe=planted / "recipe.toml", output=output, threads=2)


def rows(run: Path) -> list[dict[str, Any]]:
    """The survivors of dedup with what edits say of them."""
    names = ("documents", "annotations", "decisions", "dedup", "edits")
    tables = [table(run, name).to_pylist() for name in names]
    joined = [
        dict(part for one in row for part in one.items()) for row in zip(*tables, strict=True)
    ]
    return [row for row in joined if row["passed"] and row["kept_id"] is None]


def left(row: dict[str, Any]) -> bytes:
    raw: bytes = row["text"].encode()
    out, at = b"", 0
    for span in row["spans"]:
        assert at <= span["start"] < span["end"] <= len(raw)
        out += raw[at : span["start"]]
        at = span["end"]
    return out + raw[at:]


def test_boilerplate_stays_once(cut: tuple[Path, Any]) -> None:
    texts = table(cut[0], "selection")["text"].to_pylist()
    for boilerplate in PLANTED.values():
        assert sum(text.count(boilerplate) for text in texts) in (1, 2)
    # A paragraph and a line are different passages, so each level may keep one; short ones stay.
    assert sum(SHORT in text for text in texts) > len(texts) // 2
    assert not any("\n\n\n\n" in text for text in texts)


def test_passages_are_removed_that_more_documents_share(cut: tuple[Path, Any]) -> None:
    run, _ = cut
    for level, separator in (("paragraph", None), ("line", "\n")):
        documents: Counter[str] = Counter()
        for row in rows(run):
            raw = row["text"]
            if level == "line":
                earlier = [s for s in row["spans"] if s["level"] == "paragraph"]
                raw = left({"text": raw, "spans": earlier}).decode()
            least = {"zh": 15, "ja": 15}.get(row["language"], 40)
            pieces = raw.split(separator) if separator else paragraphs(raw)
            documents.update({p.strip() for p in pieces if len(p.strip()) >= least})
        frequent = {text: n for text, n in documents.items() if n > 5}
        assert frequent
        listed = pq.read_table(run / "passages" / "removed.parquet").to_pylist()
        listed = [row for row in listed if row["level"] == level]
        assert {row["text"]: row["documents"] for row in listed} == {
            text[:1000]: n for text, n in frequent.items()
        }
        assert [row["documents"] for row in listed] == sorted(frequent.values(), reverse=True)


def paragraphs(text: str) -> list[str]:
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            found[-1].append(line)
        else:
            found.append([])
    return ["\n".join(lines) for lines in found]


def test_every_byte_is_accounted_for(cut: tuple[Path, Any]) -> None:
    run, result = cut
    removed: dict[str, Counter[str]] = defaultdict(Counter)
    kept: dict[bytes, bytes] = {}
    short = 0
    for row in rows(run):
        rest = left(row)
        if row["dropped"]:
            short += 1
            assert len(rest.decode().strip()) < 60
            removed["too_short"][row["language"]] += len(row["text"].encode())
            continue
        kept[row["doc_id"]] = rest
        for span in row["spans"]:
            removed[span["level"]][row["language"]] += span["end"] - span["start"]
    selection = {row["doc_id"]: row for row in table(run, "selection").to_pylist()}
    assert {name: row["text"].encode() for name, row in selection.items()} == kept
    assert all(row["bytes"] == len(row["text"].encode()) for row in selection.values())
    told = json.loads((run / "provenance.json").read_text(encoding="utf-8"))["counts"]
    assert told["removed_bytes"] == {level: dict(counts) for level, counts in removed.items()}
    base = sum(len(row["text"].encode()) for row in rows(run))
    gone = sum(sum(counts.values()) for counts in removed.values())
    assert base == told["selected_bytes"] + gone
    assert sum(row.dropped.get("passages.too_short", 0) for row in result.languages) == short
    assert gamayun_data.verify(run).ok


def test_the_evidence_is_the_hash_of_a_passage_that_stays(cut: tuple[Path, Any]) -> None:
    run, _ = cut
    listed = {
        row["passage"]: row
        for row in pq.read_table(run / "passages" / "removed.parquet").to_pylist()
    }
    everything = "\n".join(table(run, "selection")["text"].to_pylist())
    cuts = 0
    for row in rows(run):
        for span in row["spans"]:
            passage = listed[span["evidence"]]["text"]
            gone = row["text"].encode()[span["start"] : span["end"]].decode().strip()
            assert gone[:1000] == passage
            assert passage in everything
            cuts += 1
    assert cuts > 100


def test_an_explanation_shows_what_was_removed(cut: tuple[Path, Any]) -> None:
    told = [gamayun_data.explain(cut[0], f"zh{n}") for n in range(1, 12)]
    removed = [span for one in told for span in one.removed]
    assert {span.text.strip() for span in removed} == {PLANTED["zh"]}


QUOTED = (
    "It is a truth that is told again and again, in one page after the other, that a text which "
    "stands in many places of the web is learned by heart — и остаётся в памяти надолго, "
    "какими бы словами ни начиналась страница, 無論頁面以什麼文字開頭都會被記住。"
)


@pytest.fixture(scope="session")
def quoting(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The planted texts with a long quotation inside a line of each seventh, cut by all levels."""
    folder = tmp_path_factory.mktemp("quoting")
    for path in planted.glob("*.jsonl"):
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for number, record in enumerate(records):
            if number % 7 == 0:
                words = record["text"].split(" ")
                words.insert(len(words) // 2, QUOTED[number % 5 :])
                record["text"] = " ".join(words)
        lines = [json.dumps(record) for record in records]
        (folder / path.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    recipe = (planted / "recipe.toml").read_text(encoding="utf-8")
    recipe = recipe.replace(str(planted), str(folder))
    recipe = recipe.replace("[[sources]]", "[substrings]\nmin_bytes = 100\n[[sources]]")
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    output = tmp_path_factory.mktemp("quoted") / "run"
    gamayun_data.curate(recipe=folder / "recipe.toml", output=output, threads=2)
    return output, folder


def test_a_substring_goes_but_its_last_copy_stays(quoting: tuple[Path, Path]) -> None:
    run, _ = quoting
    texts = {row["doc_id"]: row["text"].encode() for row in table(run, "selection").to_pylist()}
    assert sum(QUOTED[5:].encode() in text for text in texts.values()) == 1
    cuts = [
        (span, row["text"].encode()[span["start"] : span["end"]])
        for row in rows(run)
        for span in row["spans"]
        if span["level"] == "substring"
    ]
    assert len(cuts) > 10
    for span, gone in cuts:
        gone.decode()  # no character is cut
        assert gone in texts[span["evidence"]]
    assert gamayun_data.verify(run).ok


def test_bytes_add_up_with_substrings(quoting: tuple[Path, Path]) -> None:
    run, folder = quoting
    result = gamayun_data.curate(recipe=folder / "recipe.toml", output=run)
    assert all(step.skipped for step in result.steps)
    test_every_byte_is_accounted_for((run, result))


def test_threads_do_not_change_substrings(quoting: tuple[Path, Path], tmp_path: Path) -> None:
    run, folder = quoting
    gamayun_data.curate(recipe=folder / "recipe.toml", output=tmp_path / "run", threads=5)
    for name in ("selection", "edits"):
        ours = {p.name: p.read_bytes() for p in (run / name).glob("*.parquet")}
        theirs = {p.name: p.read_bytes() for p in (tmp_path / "run" / name).glob("*.parquet")}
        assert ours == theirs


@pytest.mark.slow
def test_neither_threads_nor_splits_nor_memory_change_a_byte(
    cut: tuple[Path, Any], planted: Path, tmp_path: Path
) -> None:
    other = tmp_path / "in"
    other.mkdir()
    raw = b"".join(path.read_bytes() for path in sorted(planted.glob("*.jsonl")))
    lines = raw.splitlines(keepends=True)[::-1]
    for number in range(3):
        (other / f"{number}.jsonl").write_bytes(b"".join(lines[number::3]))
    recipe = (planted / "recipe.toml").read_text(encoding="utf-8").replace(str(planted), str(other))
    (other / "recipe.toml").write_text(recipe, encoding="utf-8")
    gamayun_data.curate(recipe=other / "recipe.toml", output=tmp_path / "run", threads=5)
    for name in ("selection", "passages"):
        ours = {p.name: p.read_bytes() for p in (cut[0] / name).glob("*.parquet")}
        theirs = {p.name: p.read_bytes() for p in (tmp_path / "run" / name).glob("*.parquet")}
        assert ours == theirs
        assert ours


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bytes(
    cut: tuple[Path, Any], planted: Path, command: CommandLine, tmp_path: Path
) -> None:
    output, kills = tmp_path / "run", 0
    arguments = ("curate", "--recipe", planted / "recipe.toml", "-o", output, "--threads", 2)
    for moment in ("scratch/passages", "edits/part-*", "passages/*", "steps/passages.json"):
        kills += killed_at(moment, output, command, *arguments)
    assert kills >= 2
    done = command(*arguments)
    assert done.code == 0, done.err
    for name in ("selection", "edits"):
        ours = {p.name: p.read_bytes() for p in (cut[0] / name).glob("*.parquet")}
        assert {p.name: p.read_bytes() for p in (output / name).glob("*.parquet")} == ours
