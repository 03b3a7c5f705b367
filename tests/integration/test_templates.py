"""Pages of different content that share a large template are candidates, and no duplicates."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import gamayun_data as gd

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "ru", "de", "zh")
COPIES = 5


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """800 pages of real text around 16 templates, and five edited copies a language."""
    path = tmp_path_factory.mktemp("templates") / "pages.jsonl"
    files = [sample / f"web-{language}.jsonl.zst" for language in LANGUAGES]
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "benches.python.make_templates",
            *map(str, files),
            "--output",
            str(path),
            "--pages",
            "200",
            "--copies",
            str(COPIES),
        ],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    alike = json.loads(made.stdout)
    assert 0.3 < alike["jaccard_least"] < 0.5 < alike["jaccard_most"] < 0.7
    return path


def records(pages: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in pages.read_text(encoding="utf-8").splitlines()]


def is_word(character: str) -> bool:
    """Whether it is a letter, a combining mark or a digit."""
    return (
        unicodedata.category(character) in {"Nd", "Nl"}
        or unicodedata.category(character)[0] in "LM"
    )


def shingles(text: str, language: str) -> set[tuple[str, ...]]:
    """The shingles of a text: Chinese by characters, the others by words."""
    low = unicodedata.normalize("NFC", text).lower()
    spaced = "".join(character if is_word(character) else " " for character in low)
    words = list(spaced.replace(" ", "")) if language == "zh" else spaced.split()
    return {tuple(words[i : i + 5]) for i in range(max(1, len(words) - 4))}


def assert_only_copies_are_removed(pages: Path, pairs: list[tuple[str, str, float]]) -> None:
    by_id = {record["id"]: record for record in records(pages)}
    copies = {i for i in by_id if i.endswith("-copy")}
    assert len(copies) == COPIES * len(LANGUAGES)
    assert {frozenset(pair[:2]) for pair in pairs} == {
        frozenset((i, i.removesuffix("-copy"))) for i in copies
    }
    for removed, kept, similarity in pairs:
        one, other = (shingles(by_id[i]["text"], by_id[i]["lang"]) for i in (removed, kept))
        assert similarity == pytest.approx(len(one & other) / len(one | other), abs=1e-12)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_library_removes_nothing_but_the_copies(pages: Path, threads: int) -> None:
    rows = records(pages)
    found = gd.deduplicate(
        [row["text"] for row in rows], ids=[row["id"] for row in rows], threads=threads
    )
    removed = pl.DataFrame(found.removed)
    named = removed.select("id", "kept_id", "similarity").rows()
    assert_only_copies_are_removed(pages, [(str(a), str(b), float(c)) for a, b, c in named])


def test_a_run_removes_nothing_but_the_copies(
    pages: Path, command: CommandLine, tmp_path: Path
) -> None:
    recipe, output = tmp_path / "recipe.toml", tmp_path / "run"
    recipe.write_text(
        f'version = 1\nlanguages = ["mixed"]\n[[sources]]\nname = "pages"\npaths = ["{pages}"]\n'
        'language = "mixed"\nrules = "none"\n',
        encoding="utf-8",
    )
    done = command("curate", "--recipe", recipe, "-o", output, "--threads", 2)
    assert done.code == 0, done.err
    documents = pl.read_parquet(output / "documents" / "part-*.parquet", columns=["id"])
    dedup = pl.read_parquet(output / "dedup" / "part-*.parquet")
    rows = pl.concat([documents, dedup], how="horizontal")
    ids = dict(rows.select("doc_id", "id").iter_rows())
    removed = rows.filter(pl.col("kept_id").is_not_null())
    pairs = [
        (one, ids[kept], similarity)
        for one, kept, similarity in removed.select("id", "kept_id", "similarity").iter_rows()
    ]
    assert_only_copies_are_removed(pages, pairs)
    selected = pl.read_parquet(output / "selection" / "*.parquet")
    assert len(selected) == len(rows) - len(removed)
