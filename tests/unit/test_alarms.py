"""Alarms of deduplication, judged from counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import gamayun_data as gd
from gamayun_data import alarms
from gamayun_data.recipe import Dedup

if TYPE_CHECKING:
    from pathlib import Path


def test_each_limit_is_kept_apart() -> None:
    dedup = {
        "largest": [
            {"cluster": "a1", "documents": 11},
            {"cluster": "b2", "documents": 10},
        ],
        "passed_by_source": {"web": 200, "books": 200, "tiny": 99},
        "removed_by_source": {"web": 101, "books": 100, "tiny": 99},
        "removed_by_language": {"ru": {"exact": 60, "near": 50}},
        "repeated_ids": 3,
        "lacking": {"date": 2, "edu": 0},
    }
    decided = {"verdicts": {"ru": {"kept": 200, "rules/gopher_short_doc": 900}, "de": {"kept": 0}}}
    found = alarms.raised(decided, dedup, Dedup(max_cluster=10, max_loss=0.5))
    assert [alarm.kind for alarm in found] == [
        "cluster",
        "source",
        "language",
        "repeated_ids",
        "lacking",
    ]
    assert "a1: 11 documents" in found[0].message
    assert "web: 50.50%" in found[1].message
    assert "ru: 55.00%" in found[2].message
    alarms.stop(())
    with pytest.raises(gd.IntegrityError, match=r"5 alarm\(s\)"):
        alarms.stop(found)


def _write(path: Path, records: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


TEXT = "The keeper of the lighthouse wrote down the weather of that long and quiet winter. " * 12


def _recipe(folder: Path, keep: str) -> Path:
    path = folder / "recipe.toml"
    source = f'name = "web"\npaths = ["{folder}/in.jsonl"]\nlanguage = "en"\nrules = "none"'
    path.write_text(
        f"version = 1\n[[sources]]\n{source}\n[dedup]\nkeep = [{keep}]\nmax_cluster = 2\n"
    )
    return path


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ('"newest", "id"', "new"),
        ('"newest:seen", "id"', "old"),
        ('"quality:edu", "newest", "id"', "best"),
        ('"longest", "id"', "long"),
    ],
)
def test_the_survivor_is_the_one_that_the_order_names(tmp_path: Path, keep: str, kept: str) -> None:
    records: list[dict[str, object]] = [
        {"id": "old", "text": TEXT, "date": "2024-01-01", "seen": 1_800_000_000, "edu": 1},
        {"id": "new", "text": TEXT, "date": "2025-06-01T10:00:00Z", "edu": 0.5, "seen": "never"},
        {"id": "best", "text": TEXT, "date": "2023-01-01", "edu": "3.5"},
        {"id": "long", "text": TEXT + "One word more.", "edu": None},
    ]
    _write(tmp_path / "in.jsonl", records)
    result = gd.curate(output=tmp_path / "run", recipe=_recipe(tmp_path, keep))
    assert result.kept == 1
    assert gd.explain(tmp_path / "run", kept).verdict == "kept"
    kinds = {alarm.kind for alarm in result.alarms}
    assert "cluster" in kinds
    assert ("lacking" in kinds) == (kept != "long")


def test_strict_stops_before_anything_is_selected(tmp_path: Path) -> None:
    _write(tmp_path / "in.jsonl", [{"id": str(n), "text": TEXT} for n in range(5)])
    recipe = _recipe(tmp_path, '"id"')
    with pytest.raises(gd.IntegrityError, match="5 documents, above 2"):
        gd.curate(output=tmp_path / "run", recipe=recipe, strict=True)
    assert not (tmp_path / "run" / "selection").exists()
    assert gd.curate(output=tmp_path / "run", recipe=recipe).kept == 1
