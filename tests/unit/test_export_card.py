"""The card, the priors and the metadata say what the export has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.stage_run import Taken, write_run

import gamayun_data as gd
from gamayun_data import export_card, provenance, receipts, yaml

STAGES = [Taken("one", 8, {"en-web": 9, "ru-web": 3}), Taken("two", 16, {"en-web": 9, "ru-web": 1})]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card") / "run"
    pools = {"en-web": [50, 7, 60], "ru-web": [9, 9, 9, 9, 9]}
    write_run(folder, pools, STAGES, validation={"en-web": [60]})
    for path in (folder / "manifests").glob("*.json"):
        manifest = json.loads(path.read_text("utf-8"))
        for row in manifest["pools"]:
            row["language"], row["domain"] = row["name"].split("-")
        del manifest["id"]
        manifest = {"id": receipts.identity_of(manifest), **manifest}
        path.write_text(json.dumps(manifest), encoding="utf-8")
    sources = [{"name": "web", "licence": "ODC-By-1.0"}, {"name": "unused", "licence": "MIT"}]
    record = {"schema": provenance.SCHEMA, "version": 1, "sources": sources}
    (folder / provenance.FILE).write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_the_card_names_languages_licences_and_configurations(run: Path, tmp_path: Path) -> None:
    gd.export_shards(run, tmp_path / "out", format="parquet", by_sample=True)
    _, header, body = (tmp_path / "out" / "README.md").read_text("utf-8").split("---\n", 2)
    assert header.splitlines()[:5] == ["language:", '- "en"', '- "ru"', "license:", '- "odc-by"']
    assert [line for line in header.splitlines() if "config_name" in line] == [
        '- config_name: "one"',
        '- config_name: "two"',
        '- config_name: "validation"',
    ]
    assert '    path: "two/**/*.parquet"' in header
    assert "| one | en-web | en | 72 | 75.00% |" in body
    assert "| web | ODC-By-1.0 | en-web, ru-web, validation/en-web |" in body
    assert "unused" not in body


def test_only_parquet_has_configurations(run: Path, tmp_path: Path) -> None:
    gd.export_shards(run, tmp_path / "out", format="megatron", stage="one")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "configs" not in card
    assert "the order is theirs" in card


def test_priors_are_the_pools_as_they_are(run: Path, tmp_path: Path) -> None:
    gd.export_shards(run, tmp_path / "out", format="litdata")
    text = (tmp_path / "out" / "priors.yaml").read_text("utf-8")
    assert text == (
        f"priors:\n  relative_sizes:\n    en-web: {120 / 170}\n    ru-web: {50 / 170}\n"
        "  token_counts:\n    en-web: 120\n    ru-web: 50\n"
    )


def test_croissant_has_every_file_and_every_pool(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    gd.export_shards(run, out, format="parquet")
    metadata = json.loads((out / "croissant.json").read_text("utf-8"))
    assert metadata["@type"] == "sc:Dataset"
    assert metadata["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert (metadata["inLanguage"], metadata["license"]) == (["en", "ru"], ["ODC-By-1.0"])
    record = json.loads((out / "export.json").read_text("utf-8"))
    files = {one["@id"]: one for one in metadata["distribution"] if "sha256" in one}
    described = {"README.md", "croissant.json", "priors.yaml"}
    assert set(files) == {file["path"] for file in record["files"]} - described
    for file in record["files"]:
        if file["path"] in files:
            assert files[file["path"]]["sha256"] == file["sha256"]
            assert files[file["path"]]["contentSize"] == f"{file['bytes']} B"
    pools, *rows = metadata["recordSet"]
    first = pools["data"][0]
    assert (first["pools/stage"], first["pools/pool"], first["pools/share"]) == (
        "one",
        "en-web",
        0.75,
    )
    assert [one["@id"] for one in rows] == ["one", "two", "validation"]
    sets = {one["@id"]: one for one in metadata["distribution"] if one["@type"] == "cr:FileSet"}
    for one in rows:
        for field in one["field"]:
            source = sets[field["source"]["fileSet"]["@id"]]
            assert list(out.glob(source["includes"]))
    identifiers = [one["@id"] for one in [*metadata["distribution"], *metadata["recordSet"]]]
    identifiers += [field["@id"] for one in metadata["recordSet"] for field in one["field"]]
    assert len(identifiers) == len(set(identifiers))


def test_a_licence_that_nobody_recorded_is_unknown() -> None:
    assert [export_card.licence_name(one) for one in (None, "", "Terms of X")] == [
        "unknown",
        "unknown",
        "other",
    ]


def test_names_cannot_break_a_table() -> None:
    assert export_card._cell("a|b\nc") == "a\\|b c"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1e-7}, "a: 1.0e-07\n"),
        ({"a": 2.5e22}, "a: 2.5e+22\n"),
        ({"a": None, "b": True}, "a: null\nb: true\n"),
        ({"a": [[1, 2], [{"b": []}]]}, "a:\n- - 1\n  - 2\n- - b: []\n"),
        ({"a": {}}, "a: {}\n"),
        ({"a": 'x: "y"\n#é'}, 'a: "x: \\"y\\"\\n#é"\n'),
    ],
)
def test_yaml(value: dict[str, Any], text: str) -> None:
    assert yaml.to_yaml(value) == text
