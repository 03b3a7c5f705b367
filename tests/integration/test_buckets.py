"""Pools by bucket of quality, from the record's score to shards, plans and manifests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import gamayun_data
from gamayun_data.loader import TokenDataset

if TYPE_CHECKING:
    from tests.integration.conftest import Digests

pytestmark = pytest.mark.slow

BUCKETS = 4


def source(run: Path, folder: Path, files: int) -> Path:
    """Survivors of a run as a source with a score, of which every tenth has none."""
    rows = pl.concat(
        pl.read_parquet(path) for path in sorted((run / "selection").glob("*.parquet"))
    )
    kept = rows.filter(pl.col("language").is_in(["en", "ru"]) & (pl.col("domain") == "web"))
    records = [
        {"id": str(number), "text": text}
        | ({"edu": (number * 37 % 100) / 20} if number % 10 else {})
        for number, text in enumerate(kept.sort("doc_id")["text"].to_list())
    ]
    lines = [json.dumps(record) + "\n" for record in records]
    folder.mkdir()
    for number in range(files):
        (folder / f"part-{number}.jsonl").write_text("".join(lines[number::files]))
    recipe = folder / "recipe.toml"
    recipe.write_text(
        "version = 1\n"
        'languages = ["en", "ru"]\n'
        f'[[sources]]\nname = "web"\npaths = ["{folder}/part-*.jsonl"]\n'
        f'[pools]\nquality = {{ score = "edu", buckets = {BUCKETS} }}\n'
        "[tokenizer]\nvocab_size = 400\n"
        "[validation]\nshare = 0.1\n"
        '[[stages]]\nname = "one"\ntokens = 20000\nsequence_length = 64\n'
        'anchors = { en = 0.5 }\npolicy = { name = "quality", repeats = 3.0, cut = 0.5 }\n'
        '[[stages]]\nname = "two"\ntokens = 20000\nsequence_length = 64\n'
        'max_epochs = { "*" = 9.0, en-web-q0 = 0.5 }\n'
    )
    return recipe


@pytest.fixture(scope="module")
def bucketed(run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("bucketed")
    recipe = source(run, folder / "in", 1)
    result = gamayun_data.curate(recipe=recipe, output=folder / "run", threads=1)
    return folder / "run", result


def selection(run: Path) -> pl.DataFrame:
    files = sorted((run / "selection").glob("*.parquet"))
    rows = pl.concat(pl.read_parquet(path) for path in files)
    parts = pl.col("domain").str.split("-q")
    score = pl.col("metadata").str.json_path_match("$.edu").cast(pl.Float64).fill_null(-1.0)
    return rows.with_columns(
        bucket=parts.list.get(1).cast(pl.Int64), plain=parts.list.get(0), score=score
    )


def test_buckets_hold_equal_bytes_of_rising_scores(bucketed: tuple[Path, Any]) -> None:
    rows = selection(bucketed[0])
    assert set(rows["plain"]) == {"web"}
    for language in ("en", "ru"):
        mine = rows.filter(pl.col("language") == language)
        summed = mine.group_by("bucket").agg(
            bytes=pl.col("bytes").sum(), low=pl.col("score").min(), high=pl.col("score").max()
        )
        ordered = summed.sort("bucket")
        assert ordered["bucket"].to_list() == list(range(BUCKETS))
        highs, lows = ordered["high"].to_list(), ordered["low"].to_list()
        assert all(high < low for high, low in zip(highs, lows[1:], strict=False))
        assert lows[0] == -1  # without a score
        largest = mine.group_by("score").agg(pl.col("bytes").sum())["bytes"].max()
        assert isinstance(largest, int)
        whole = mine["bytes"].sum()
        cumulative = ordered["bytes"].cum_sum().to_list()
        for number, reached in enumerate(cumulative[:-1], start=1):
            assert 0 <= reached - whole * number / BUCKETS <= largest


def test_pools_plans_and_manifests_have_buckets(bucketed: tuple[Path, Any]) -> None:
    run, result = bucketed
    names = [f"{language}-web-q{k}" for language in ("en", "ru") for k in range(BUCKETS)]
    assert [pool.name for pool in result.plan.pools] == names
    assert [(pool.domain, pool.bucket) for pool in result.plan.pools[:2]] == [
        ("web", 0),
        ("web", 1),
    ]
    one, two = result.plan.stages
    rates = {share.pool: share.epochs for share in one.shares}
    assert rates["en-web-q0"] == 0
    assert rates["en-web-q2"] < rates["en-web-q3"] <= 3.1
    assert sum(share.share for share in one.shares if share.language == "en") == pytest.approx(
        0.5, abs=0.01
    )
    first = {share.pool: share for share in one.shares}
    for share in two.shares:
        assert share.start_token == first[share.pool].end_token  # fresh text first
    manifest = json.loads((run / "manifests" / "one.json").read_text(encoding="utf-8"))
    rows = [(pool["name"], pool["domain"], pool["bucket"]) for pool in manifest["pools"]]
    assert rows == [(name, "web", int(name[-1])) for name in names]
    assert [row["domain"] for row in manifest["by_domain"]] == ["web"]
    assert manifest["stage"]["policy"]["name"] == "quality"
    assert gamayun_data.verify(run, threads=1).ok
    assert len(TokenDataset(run, "two")) == two.samples


def test_buckets_do_not_depend_on_files_and_threads(
    bucketed: tuple[Path, Any], run: Path, tmp_path: Path, digests: Digests
) -> None:
    recipe = source(run, tmp_path / "in", 3)
    gamayun_data.curate(recipe=recipe, output=tmp_path / "run", threads=2)
    before, after = digests(bucketed[0]), digests(tmp_path / "run")
    assert before == after
