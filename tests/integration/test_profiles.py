"""Profiles of rules: shown, fitted to text, tried on text, used by a run."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

import gamayun_data as gd
from gamayun_data import _core
from gamayun_data.cli import cli

WORDS = "rain sun house road river stone bread table window garden letter winter".split()  # noqa: SIM905
STOP = ("the", "and", "of", "was")


def text(seed: int) -> str:
    """Prose of a kind: sentences of words that hardly repeat in the same order."""
    lines, state = [], seed * 7919 + 1
    for _ in range(12):
        words = []
        for place in range(9):
            state = (state * 1103515245 + 12345) % 2**31
            words.append(STOP[place // 2 % 4] if place % 2 else WORDS[state // 65536 % 12])
        lines.append(" ".join(words).capitalize() + ".")
    return "\n".join(lines)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "reference.jsonl"
    lines = (json.dumps({"id": f"r{n}", "text": text(n)}) for n in range(120))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_shown_profiles_are_read_back() -> None:
    names = [profile.name for profile in gd.list_profiles()]
    assert names == gd.profiles()
    assert len(names) > 32
    assert gd.show_profile("sv").language == "sv"
    assert tomllib.loads(gd.show_profile("en").toml)["order"][2] == "c4_quality"


def test_a_fitted_profile_cuts_what_it_says(reference: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.jsonl"
    junk.write_text(
        json.dumps({"id": "j", "text": "buy shoes now, " * 200}) + "\n", encoding="utf-8"
    )
    path = tmp_path / "xx.toml"
    found = gd.fit_profile([reference], lang="xx", against=[junk], tail=0.05, output=path)
    assert found.documents == 120
    assert {word for word, _ in found.stop_words} >= set(STOP)
    (tried,) = found.reference.languages
    assert tried.documents == 120
    assert all(rule.alone <= 0.05 * 120 for rule in tried.rules)
    assert found.against is not None
    assert found.against.languages[0].kept == 0
    assert path.read_text(encoding="utf-8") == found.toml
    values = tomllib.loads(found.toml)
    for one in found.thresholds:
        assert values[one.group][one.parameter] == one.value
        assert one.rule
    again = gd.try_profile(path, [reference], lang="xx", threads=2)
    assert again.languages == found.reference.languages or again.languages[0].kept == tried.kept


def test_the_order_of_files_and_threads_change_nothing(reference: Path, tmp_path: Path) -> None:
    lines = reference.read_text(encoding="utf-8").splitlines()
    turned = tmp_path / "turned.jsonl"
    turned.write_text("\n".join(reversed(lines)) + "\n", encoding="utf-8")
    one = gd.fit_profile([reference], lang="xx", threads=1)
    two = gd.fit_profile([turned], lang="xx", threads=3)
    assert one.toml == two.toml


def test_methods_that_need_english_say_so(reference: Path) -> None:
    with pytest.raises(gd.ConfigError, match="english: is missing; quantile"):
        gd.fit_profile([reference], lang="xx", method="quantile")
    found = gd.fit_profile([reference], lang="xx", method="mean-std", english=[reference])
    assert "standard deviations" in found.thresholds[0].rule


def test_a_trial_tells_languages_apart(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    rows = [{"id": "a", "lang": "en", "text": "Too short."}, {"id": "b", "text": "Слишком мало."}]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    found = gd.try_profile(None, [path], lang="ru")
    assert [(row.language, row.documents, row.kept) for row in found.languages] == [
        ("en", 1, 0),
        ("ru", 1, 0),
    ]
    first = [rule for rule in found.languages[0].rules if rule.first]
    assert [one.examples[0].id for one in first] == ["a"]


def test_commands_print_tables_and_json(reference: Path) -> None:
    run = CliRunner().invoke
    fitted = run(cli, ["profile", "fit", "--reference", str(reference), "--lang", "xx"])
    assert fitted.exit_code == 0, fitted.output
    assert "new_line_ratio" in fitted.stdout
    tried = run(cli, ["profile", "try", "auto", str(reference), "--lang", "en", "--json"])
    assert json.loads(tried.stdout)["languages"][0]["documents"] == 120
    assert run(cli, ["profile", "list"]).exit_code == 0
    shown = run(cli, ["profile", "show", "de"])
    assert shown.stdout == _core.profile_toml("de")
    assert run(cli, ["profile", "show", "no/such.toml"]).exit_code == 2
