"""Two plans side by side, a recipe with changes, and the page of a plan."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from gamayun_data import mix, overrides, plan_diff, report_plan
from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.page_plan import plan_page
from gamayun_data.recipe import Stage
from gamayun_data.results import to_json

POOLS = [
    mix.Pool("en-web", "en", "web", 9, 10_000, 40_000),
    mix.Pool("en-code", "en", "code", 9, 2000, 8000),
    mix.Pool("ru-web", "ru", "web", 9, 4000, 32_000),
]
STAGES = [Stage("one", 4000, 10, {"en": 0.5}), Stage("two", 2000, 20, {"en": 0.75})]


def plan(*stages: Stage) -> mix.Plan:
    return mix.plan(POOLS, stages or STAGES, exact=True)


def compared(after: mix.Plan) -> plan_diff.PlanDiff:
    return plan_diff.compare(plan_diff.view(plan()), plan_diff.view(after), ("a", "b"))


def test_a_plan_does_not_differ_from_itself() -> None:
    found = compared(plan())
    assert [stage.change for stage in found.stages] == [0, 0]
    assert all(row.before == row.after for stage in found.stages for row in stage.rows)
    assert shown(found).count("shares change by 0 % in all") == 2


def test_what_differs_is_told_by_language_domain_and_pool() -> None:
    found = compared(plan(replace(STAGES[0], anchors={"en": 0.7}), Stage("three", 100, 10)))
    assert [stage.name for stage in found.stages] == ["one", "two", "three"]
    one, two, three = found.stages
    assert one.change == pytest.approx(0.4, abs=0.005)
    sides = {(row.kind, row.name): row for row in one.rows}
    english = sides["language", "en"]
    assert english.before is not None
    assert english.after is not None
    assert (english.before.tokens, english.after.tokens) == (2000, 2800)
    assert english.after.share == 0.7
    assert english.after.cumulative_epochs == pytest.approx(2800 / 12_000)
    assert {kind for kind, _ in sides} == {"language", "domain", "pool"}
    assert two.tokens_after is None
    assert all(row.after is None for row in two.rows)
    assert three.tokens_before is None
    text = shown(found)
    assert "stage two: only before" in text
    assert "stage three: only after" in text
    assert "4,000 tokens to 4,000; shares change by 40" in text
    assert "50.00%" in text
    assert "70.00%" in text


def test_a_saved_plan_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(to_json(plan())), encoding="utf-8")
    assert plan_diff.load(path) == plan_diff.view(plan())


def test_manifests_of_a_run_are_read_in_the_order_of_stages(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    for index, name in enumerate(["z", "a"]):
        stage = {"name": name, "index": index, "tokens": 100, "sequence_length": 10}
        pool = {"name": "en-web", "language": "en", "domain": "web", "tokens": 100}
        rows = [{**pool, "available": {"tokens": 500}, "end_token": 100 * (index + 1)}]
        text = json.dumps({"stage": stage, "pools": rows})
        (tmp_path / "manifests" / f"{name}.json").write_text(text, encoding="utf-8")
    views = plan_diff.load(tmp_path)
    assert [view.name for view in views] == ["z", "a"]
    assert views[1].taken[0].end_token == 200
    found = plan_diff.compare(views[:1], views[:1], ("a", "b"))
    assert found.stages[0].rows[0].before == plan_diff.Side(100, 1.0, 0.2, 0.2)


def test_what_is_no_plan_is_refused(tmp_path: Path) -> None:
    for name, text in (("a.json", "{"), ("b.json", "[]"), ("c.json", '{"stages": [1]}')):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(FormatError, match=name):
            plan_diff.load(tmp_path / name)
    with pytest.raises(ConfigError, match="no manifests there"):
        plan_diff.load(tmp_path)


def shown(found: plan_diff.PlanDiff) -> str:
    out = io.StringIO()
    report_plan.difference(Console(file=out, width=120), found)
    return out.getvalue()


RECIPE = """
version = 1
languages = ["en", "ru"]
[[stages]]
name = "one"
tokens = "4K"
sequence_length = 10
anchors = { en = 0.5 }
[[stages]]
name = "two"
tokens = 2000
sequence_length = 20
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_changes_are_made_to_the_stages_they_name(recipe: Path) -> None:
    changes = [
        "stages.one.tokens=2B",
        "stages.one.anchors.ru = 0.1",
        "stages.two.policy={ name = 'temperature', temperature = 2 }",
        "stages.*.max_epochs=9.5",
        "stages.two.tokens=9000",
        "stages.two.sequence_length=",
    ]
    one, two = overrides.overridden(recipe, changes).stages
    assert one.tokens == 2_000_000_000
    assert one.anchors == {"en": 0.5, "ru": 0.1}
    assert two.policy.parameters == {"temperature": 2.0}
    assert (one.max_epochs, two.max_epochs, two.sequence_length) == (9.5, 9.5, 4096)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("tokens=2B", "expected a change such as stages.stage1.tokens=2B"),
        ("stages.three.tokens=2B", "no stage is named 'three'; "),
        ("stages.one.tokns=2B", "stages[0].tokns: unknown key; did you mean `tokens`?"),
        ("stages.one.tokens.x=2B", "expected a table at tokens"),
        ("stages.one.anchors.en=1.5", "stages[0].anchors.en: expected a number from 0 to 1"),
    ],
)
def test_a_change_that_is_none_is_refused(recipe: Path, change: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        overrides.overridden(recipe, [change])
    assert message in str(caught.value)


def test_the_page_shows_the_mixture_over_the_run() -> None:
    page = plan_page(plan()).html()
    for words in ("The mixture by language", "The mixture by domain", "Stage two", "en-code"):
        assert words in page
    assert page.count("<svg") == 3
    assert page == plan_page(plan()).html()


def test_many_languages_share_the_last_curve() -> None:
    pools = [mix.Pool(f"l{i:02}-web", f"l{i:02}", "web", 9, 10_000 + i, 1) for i in range(30)]
    page = plan_page(mix.plan(pools, [Stage("s", 30_000, 10)], exact=False)).html()
    assert "all others" in page
    assert "are estimated from a sample" in page


def test_every_pool_is_shown_with_its_cap() -> None:
    out = io.StringIO()
    capped = replace(STAGES[0], max_epochs={"*": 4.0, "en-code": 1.5})
    report_plan.pools(Console(file=out, width=120), plan(capped))
    assert "en-code" in out.getvalue()
    assert "1.5" in out.getvalue()
