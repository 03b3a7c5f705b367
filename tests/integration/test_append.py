"""A stage that is added goes on where another was left, and the run still proves itself."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import gamayun_data as gd
from gamayun_data import cli, config, manifests, receipts
from gamayun_data.loader import TokenDataset
from gamayun_data.recipe import Recipe, Stage

LEFT_AT = 301


@pytest.fixture(scope="module")
def asked() -> Recipe:
    """The recipe of the sample, with a stage more."""
    sample = config.resolve(sample=True)
    stages = (*sample.stages, Stage("rest", 40_000, 128, anchors={"en": 0.5, "ru": 0.2}))
    return replace(sample, stages=stages)


@pytest.fixture(scope="module")
def appended(run: Path, asked: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("appended") / "run"
    shutil.copytree(run, there)
    planned = gd.append_stage(there, recipe=asked, stage="rest", after="stage1", sample=LEFT_AT)
    assert [(stage.name, stage.samples) for stage in planned.stages] == [("rest", 312)]
    return there


def counted(dataset: TokenDataset, samples: range) -> dict[str, Counter[tuple[int, int, int]]]:
    """How often each token of each pool is in the samples: (shard, document, place in it)."""
    batch = dataset.batch(samples)
    found: dict[str, Counter[tuple[int, int, int]]] = {name: Counter() for name in dataset.pools}
    for i, length in enumerate(batch.lengths.tolist()):
        key = int(batch.shards[i]), int(batch.places[i])
        first = int(batch.offsets[i])
        mine = found[dataset.pools[batch.pools[i]]]
        mine.update((*key, at) for at in range(first, first + length))
    return found


def test_nothing_is_read_twice_or_lost(appended: Path) -> None:
    one, rest = TokenDataset(appended, "stage1"), TokenDataset(appended, "rest")
    assert rest.cursors(0) == one.cursors(LEFT_AT)
    before, after = counted(one, range(LEFT_AT)), counted(rest, range(len(rest)))
    several = 0
    for row in rest.manifest["pools"]:
        epochs, part = divmod(row["end_token"], row["available"]["tokens"])
        times = Counter((before[row["name"]] + after[row["name"]]).values())
        assert times[epochs + 1] == part
        assert set(times) <= {epochs, epochs + 1}
        assert not epochs or times[epochs] == row["available"]["tokens"] - part
        several += epochs > 0
    assert several, "no pool of the sample is read more than once"


def test_the_run_still_proves_itself(appended: Path) -> None:
    assert gd.verify(appended).problems == ()
    manifest = manifests.read(appended / "manifests" / "rest.json")
    shares = {row["language"]: row["share"] for row in manifest["by_language"]}
    assert shares["en"] == pytest.approx(0.5, abs=0.01)
    assert manifest["stage"]["index"] == 1


def test_a_stage_that_begins_elsewhere_is_found(appended: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(appended, run)
    path = run / "manifests" / "rest.json"
    manifest = json.loads(path.read_text())
    manifest["after"]["sample"] += 1
    manifest["id"] = receipts.identity_of(manifest)
    path.write_text(json.dumps(manifest))
    found = [problem.what for problem in gd.verify(run).problems]
    assert any("tokens of `stage1` before it" in what for what in found)


def test_building_again_keeps_what_was_appended(
    appended: Path, asked: Recipe, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(appended, run)
    further = replace(asked, stages=(Stage("further", 5000, 64),))
    gd.append_stage(run, recipe=further, stage="further", after="rest", sample=7)
    before = {path.name: path.read_bytes() for path in (run / "manifests").iterdir()}
    (run / "manifests" / "stale.json").write_text('{"after": {"manifest": "00"}}')
    gd.build_shards(run, recipe=config.resolve(sample=True))
    assert {path.name: path.read_bytes() for path in (run / "manifests").iterdir()} == before
    assert set(before) == {"stage1.json", "stage2.json", "rest.json", "further.json"}


def test_stages_that_cannot_be_added_are_refused(appended: Path, asked: Recipe) -> None:
    with pytest.raises(gd.ConfigError, match="stage `rest` has a manifest already"):
        gd.append_stage(appended, recipe=asked, stage="rest", after="stage1")
    with pytest.raises(gd.ConfigError, match="the recipe has stage1, stage2, rest, not other"):
        gd.append_stage(appended, recipe=asked, stage="other", after="stage1")
    more = replace(asked, stages=(Stage("more", 10**9),))
    with pytest.raises(gd.ConfigError, match="pass the cap"):
        gd.append_stage(appended, recipe=more, stage="more", after="stage1")
    with pytest.raises(gd.ConfigError, match="from 0 to 585"):
        gd.append_stage(appended, recipe=more, stage="more", after="stage1", sample=586)
    with pytest.raises(gd.ConfigError, match="expected one of"):
        gd.append_stage(appended, recipe=more, stage="more", after="stage9")


def test_the_command_adds_a_stage(run: Path, tmp_path: Path) -> None:
    there = tmp_path / "run"
    shutil.copytree(run, there)
    recipe = tmp_path / "more.toml"
    recipe.write_text(
        'version = 1\n[[sources]]\nname = "web"\npaths = ["a.jsonl"]\n'
        '[[stages]]\nname = "more"\ntokens = 20000\nsequence_length = 64\nanchors = { en = 0.4 }\n'
    )
    arguments = ["shards", "append", str(there), "--recipe", str(recipe), "--json"]
    arguments += ["--stage", "more", "--after", "stage2"]
    answer = CliRunner().invoke(cli.cli, arguments)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["stages"][0]["samples"] == 312
    assert len(TokenDataset(there, "more")) == 312
    assert TokenDataset(there, "more").cursors(0) == TokenDataset(there, "stage2").cursors(292)
