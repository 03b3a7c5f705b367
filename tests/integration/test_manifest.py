"""Manifests of a whole run: their schema, how they are shown, and what differs between two."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from gamayun_data import manifest_views, manifests, receipts
from gamayun_data.errors import ConfigError, FormatError

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "manifest.schema.json"


@pytest.fixture(scope="module")
def schema() -> Any:  # noqa: ANN401
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def test_the_published_schema_is_in_the_package(schema: Any) -> None:  # noqa: ANN401
    packaged = ROOT / "python" / "gamayun_data" / "data" / SCHEMA.name
    assert packaged.read_bytes() == SCHEMA.read_bytes()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["version"] == {"const": manifests.VERSION}


def test_manifests_keep_to_the_schema(run: Path, schema: Any) -> None:  # noqa: ANN401
    validator = jsonschema.Draft202012Validator(schema)
    for manifest in manifest_views.read_manifests(run).values():
        assert list(validator.iter_errors(manifest)) == []
        for key in schema["required"]:
            lacking = {name: part for name, part in manifest.items() if name != key}
            assert not validator.is_valid(lacking), key


def test_counts_are_kept_from_the_first_record_to_the_last_shard(run: Path) -> None:
    for manifest in manifest_views.read_manifests(run).values():
        way = manifest["conservation"]
        assert way["records"] == way["documents"] + sum(way["rejected"].values())
        assert way["documents"] == way["selected"] + sum(way["dropped"].values())
        assert way["copies"] == way["shards"]["documents"]
        pools = [*manifest["pools"], *manifest["validation"]]
        assert sum(pool["available"]["tokens"] for pool in pools) == way["shards"]["tokens"]
        for pool in pools:
            assert sum(pool["sources"].values()) == pool["available"]["documents"]
            assert pool["licences"]


def test_another_version_is_refused_with_its_number(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "stage1.json"
    manifest = json.loads((run / "manifests" / "stage1.json").read_text())
    path.write_text(json.dumps(manifest | {"version": 99}))
    with pytest.raises(FormatError, match="version 99, expected 3"):
        manifest_views.read_manifests(path)
    with pytest.raises(ConfigError, match="no manifest is there"):
        manifest_views.read_manifests(tmp_path / "nowhere")


def test_a_run_is_shown(run: Path, command: CommandLine) -> None:
    shown = command("manifest", "show", run)
    assert shown.code == 0
    assert "stage1" in shown.out
    assert "en-web" in shown.out
    told = json.loads(command("manifest", "show", run, "--json").out)
    assert list(told) == ["stage1", "stage2"]


def test_what_differs_is_named(run: Path, tmp_path: Path, command: CommandLine) -> None:
    there = tmp_path / "run"
    shutil.copytree(run / "manifests", there / "manifests")
    assert manifest_views.diff_manifests(run, there).same
    path = there / "manifests" / "stage2.json"
    manifest = json.loads(path.read_text())
    pool = manifest["pools"][3]
    pool["requested_share"] += 0.125
    pool["shards"][0]["bin_sha256"] = "00" * 32
    gone = manifest["pools"].pop(1)
    manifest["tokenizer"]["vocab_size"] = 7
    manifest["id"] = receipts.identity_of(manifest)
    receipts.write_json(path, manifest)
    found = manifest_views.diff_manifests(run, there)
    assert not found.same
    assert {(c.stage, c.subject, c.field) for c in found.changes} == {
        ("stage2", "tokenizer", "vocab_size"),
        ("stage2", pool["name"], "requested_share"),
        ("stage2", pool["name"], pool["shards"][0]["bin"]),
        ("stage2", gone["name"], "pool of tokens"),
    }
    path.unlink()
    assert [c.field for c in manifest_views.diff_manifests(run, there).changes] == ["id"]
    shown = command("manifest", "diff", run, there)
    assert shown.code == 0
    assert "stage2" in shown.out
    two = run / "manifests" / "stage1.json", run / "manifests" / "stage2.json"
    fields = {change.field for change in manifest_views.diff_manifests(*two).changes}
    assert {"sequence_length", "tokens"} & fields
