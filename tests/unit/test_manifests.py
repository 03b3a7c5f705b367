"""Manifests of pools with and without shards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gamayun_data import config, facts, mix, provenance, receipts
from gamayun_data.receipts import Receipt
from gamayun_data.recipe import Stage

RECIPE = """
version = 1
[[sources]]
name = "web"
paths = ["a.jsonl"]
[[stages]]
name = "one"
tokens = 1000
sequence_length = 10
"""


class Core:
    vocab_size, special_tokens = 300, ((299, "<eos>"),)


class Tokenizer:
    core, sha256, eos = Core(), "00", 299


def pool(name: str, shards: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "folder": name,
        "language": name.partition("-")[0],
        "domain": "web",
        "split": "train",
        "shards": shards,
    }


@pytest.mark.parametrize("tokens", [0, 9000])
def test_a_pool_without_shards_has_a_place_in_the_manifest(tmp_path: Path, tokens: int) -> None:
    manifests = pytest.importorskip("gamayun_data.manifests")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    asked = config.load(tmp_path / "recipe.toml")
    pools = [
        mix.Pool("en-web", "en", "web", 9, 9000, 1),
        mix.Pool("ru-web", "ru", "web", 0, tokens, 0),
    ]
    plan = mix.plan(pools, [Stage("one", 1000, 10)], exact=True)
    built = Receipt("build", "", {"pools": [pool("en-web", []), pool("ru-web", [])]}, 0.0)
    ways: dict[str, Any] = dict.fromkeys(facts.WAY, 0)
    (tmp_path / "provenance.json").write_text(
        json.dumps({"schema": provenance.SCHEMA, "counts": ways})
    )
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "stale.json").write_text("{}")
    assert manifests.write(tmp_path, asked, plan, built, Tokenizer()) == ("manifests/one.json",)
    manifest = manifests.read(tmp_path / "manifests" / "one.json")
    assert receipts.identity_of(manifest) == manifest["id"]
    empty = next(one for one in manifest["pools"] if one["name"] == "en-web")
    assert empty["available"] == {"documents": 0, "tokens": 0, "bytes": 0}
    assert not (tmp_path / "manifests" / "stale.json").exists()
