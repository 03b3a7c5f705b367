"""Planning a run from the command line: changes, differences, the page, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gamayun_data import cli, config, toml
from gamayun_data.loader import TokenDataset


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(toml.to_toml(config.resolve(sample=True)), encoding="utf-8")
    return path


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli.cli, [str(one) for one in arguments], prog_name="gamayun-data")


def answer(*arguments: object) -> Any:  # noqa: ANN401 (JSON)
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_what_if_shows_the_plan_beside_the_other(run: Path, recipe: Path) -> None:
    change = ("--what-if", "stages.stage1.policy=unimax", "--what-if", "stages.*.max_epochs=9")
    found = answer("plan", run, "--recipe", recipe, *change)
    first, _ = found["stages"]
    assert first["tokens_before"] == first["tokens_after"]
    assert first["change"] > 0.05
    english = [row for row in first["rows"] if (row["kind"], row["name"]) == ("language", "en")]
    assert english[0]["before"] == english[0]["after"]  # an anchor stays


def test_a_run_does_not_differ_from_its_recipe(run: Path, recipe: Path) -> None:
    found = answer("plan", "diff", recipe, run, "--run", run)
    assert [stage["change"] for stage in found["stages"]] == [0, 0]
    shown = invoke("plan", "diff", recipe, run, "--run", run)
    assert "shares change by 0 % in all" in shown.stdout


def test_a_recipe_needs_a_run_to_be_planned_over(run: Path, recipe: Path) -> None:
    result = invoke("plan", "diff", recipe, run)
    assert result.exit_code == 2
    assert "a recipe is planned over a run" in result.stderr


def test_what_is_infeasible_comes_with_the_nearest_plans(run: Path, recipe: Path) -> None:
    text = recipe.read_text(encoding="utf-8").replace("max_epochs = 4.0", "max_epochs = 0.001")
    recipe.write_text(text, encoding="utf-8")
    result = invoke("plan", run, "--recipe", recipe, "--json")
    assert result.exit_code == 2
    near = json.loads(result.stdout)["infeasible"]
    assert near["stage"] == "stage1"
    assert near["binding"]
    assert near["tokens"] < near["asked_tokens"]
    assert "pass the cap of 0.001 epochs" in result.stderr


def test_strict_fails_where_a_plan_warns(run: Path, recipe: Path, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    plain = invoke("plan", run, "--recipe", recipe, "--pools", "--page", page)
    assert plain.exit_code == 0
    assert page.read_text(encoding="utf-8").count("<svg") >= 2
    text = recipe.read_text(encoding="utf-8").replace('"en", ', '"en", "sw", ', 1)
    recipe.write_text(text, encoding="utf-8")
    assert invoke("plan", run, "--recipe", recipe).exit_code == 0
    strict = invoke("plan", run, "--recipe", recipe, "--strict")
    assert strict.exit_code == 2
    assert "language sw has no pool (missing-pool)" in strict.stderr


def test_a_manifest_tells_policy_and_packing_and_the_loader_packs(
    run: Path, recipe: Path, tmp_path: Path
) -> None:
    import shutil

    import gamayun_data as gd

    there = tmp_path / "run"
    shutil.copytree(run, there)
    text = recipe.read_text(encoding="utf-8")
    text += '\n[[stages]]\nname = "rest"\ntokens = 20000\nsequence_length = 128\n'
    text += 'policy = { name = "temperature", temperature = 2.0 }\npacking = "best_fit"\n'
    text += 'max_epochs = { "*" = 9.0, en = 5.0 }\n'
    recipe.write_text(text, encoding="utf-8")
    gd.append_stage(there, recipe=recipe, stage="rest", after="stage2")
    stage = json.loads((there / "manifests" / "rest.json").read_text(encoding="utf-8"))["stage"]
    assert stage["policy"] == {"name": "temperature", "parameters": {"temperature": 2.0}}
    assert (stage["packing"], stage["max_epochs"]) == ("best_fit", 9)
    assert set(stage["pool_max_epochs"].values()) == {5.0}
    assert TokenDataset(there, "rest").packing == "best_fit"
    assert TokenDataset(there, "rest", packing="concat").packing == "concat"
    assert TokenDataset(there, "stage1").packing == "concat"
    assert gd.verify(there).ok
