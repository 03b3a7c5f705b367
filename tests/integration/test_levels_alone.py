"""Levels alone on planted repeats: killed, reordered and squeezed, they write the same bytes."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.integration.killing import killed_at

import gamayun_data as gd
from gamayun_data import alone, config, levels
from gamayun_data.receipts import read_receipt
from gamayun_data.steps import Job, Limits

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.slow

LEVELS: tuple[alone.Level, ...] = ("exact", "line", "substring")
MIN_BYTES = 60


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Records of which some are equal, share a line, quote each other, or repeat themselves."""
    draw = random.Random(11)

    def words(number: int) -> str:
        return " ".join(f"w{draw.randrange(10**6)}é" for _ in range(number))

    footer = "Every page of this site ends with the same line, which nobody reads."
    quotes = [words(30) for _ in range(40)]
    texts = [
        f"{words(60)} {draw.choice(quotes)[draw.randrange(7) :]} {words(20)}\n{footer}"
        for _ in range(1500)
    ]
    texts += texts[:100]
    texts += ["ab" * 400, "ab" * 900]
    return [json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)]


def write(folder: Path, lines: list[str], files: int) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{number}.jsonl" for number in range(files)]
    for number, path in enumerate(paths):
        path.write_text("".join(lines[number::files]), encoding="utf-8")
    return paths


def received(run: Path) -> dict[str, bytes]:
    """What a user receives of a run, but for where it was read."""
    return {path.name: path.read_bytes() for path in sorted((run / "selection").glob("*.parquet"))}


@pytest.fixture(scope="module")
def calm(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    folder = tmp_path_factory.mktemp("alone")
    files = write(folder / "in", lines, 2)
    gd.dedup(files, output=folder / "run", levels=LEVELS, min_bytes=MIN_BYTES, threads=2)
    return folder / "run", files


def test_neither_order_nor_splits_nor_threads_change_a_byte(
    calm: tuple[Path, list[Path]], lines: list[str], tmp_path: Path
) -> None:
    run, _ = calm
    files = write(tmp_path / "in", lines[::-1], 5)
    other = tmp_path / "run"
    gd.dedup(files, output=other, levels=LEVELS, min_bytes=MIN_BYTES, threads=5)
    assert received(other) == received(run) != {}
    columns = ("doc_id", "id", "level", "start", "end", "evidence", "dropped")
    ours, theirs = (pl.read_parquet(one / "removed_spans.parquet") for one in (run, other))
    assert theirs.select(columns).equals(ours.select(columns))
    assert set(ours["level"]) == {"line", "substring"}
    assert gd.verify(other).ok


def test_substrings_obey_a_small_memory(calm: tuple[Path, list[Path]], tmp_path: Path) -> None:
    run, files = calm
    other = tmp_path / "run"
    shutil.copytree(run, other)
    (other / "steps" / "substrings.json").unlink()
    before = read_receipt(other, "passages")
    assert before is not None
    asked = config.resolve(sources=[str(path) for path in files], min_bytes=MIN_BYTES)
    asked = alone.recipe(asked, LEVELS)
    again = levels.substrings(Job(other, asked, Limits(2, 2**20)), before)
    calmly = read_receipt(run, "substrings")
    assert calmly is not None
    assert again.counts == calmly.counts
    assert {path.name: path.read_bytes() for path in (other / "edits").iterdir()} == {
        path.name: path.read_bytes() for path in (run / "edits").iterdir()
    }


def test_killed_during_substrings_it_goes_on_to_the_same_bytes(
    calm: tuple[Path, list[Path]], command: CommandLine, tmp_path: Path
) -> None:
    run, files = calm
    output = tmp_path / "run"
    named = [word for level in LEVELS for word in ("--level", level)]
    arguments = ("dedup", *files, "-o", output, *named, "--min-bytes", MIN_BYTES)
    kills = 0
    for moment in (
        "scratch/substrings",
        "scratch/substrings/*",
        "steps/substrings.json",
        "removed.parquet*",
    ):
        kills += killed_at(moment, output, command, *arguments)
    assert kills >= 2
    done = command(*arguments)
    assert done.code == 0, done.err
    assert received(output) == received(run)
    for name in ("removed.parquet", "removed_spans.parquet"):
        assert (output / name).read_bytes() == (run / name).read_bytes()
    assert not (output / "scratch").exists()
