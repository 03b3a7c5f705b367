"""Language models made and measured by the library and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import gamayun_data as gd
from gamayun_data.cli import cli

WORDS = {
    "en": ["the", "house", "is", "green", "and", "water", "with", "they", "of", "night"],
    "de": ["das", "Haus", "ist", "grün", "und", "Wasser", "mit", "sie", "von", "Nacht"],
    "ru": ["дом", "зелёный", "и", "вода", "с", "они", "из", "ночь", "не", "что"],
}


def rows(first: int, last: int) -> str:
    """Texts of four words, the same for the same numbers."""
    return "".join(
        f"{label}\t{' '.join(words[(n * 7 + k * k * 3 + n // 10 * k) % 10] for k in range(4))}\n"
        for n in range(first, last)
        for label, words in WORDS.items()
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("language")
    (folder / "learn.tsv").write_text(rows(0, 200), encoding="utf-8")
    (folder / "test.tsv").write_text(rows(300, 350), encoding="utf-8")
    options = ["--features", "2000", "--epochs", "6", "--provenance", "made of words"]
    data, model = str(folder / "learn.tsv"), str(folder / "model.glid")
    command = ["language", "train", "--data", data, "-o", model, *options, "--json"]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["labels"] == 3
    return folder


def test_a_model_is_learnt_and_measured(made: Path) -> None:
    model = gd.LanguageModel.load(made / "model.glid")
    assert model.labels == ["de", "en", "ru"]
    assert model.core.provenance == "made of words"
    found = gd.evaluate_language_model(model, [made / "test.tsv"])
    assert found.texts == 150
    assert found.accuracy > 0.95
    assert found.macro_f1 > 0.95
    assert found.leak == 0
    only = gd.evaluate_language_model(model, [made / "test.tsv"], targets=["ru"])
    assert (only.accuracy, only.leak) == (1, 0)


def test_the_same_texts_give_the_same_bytes(made: Path) -> None:
    again = gd.train_language_model(
        [made / "learn.tsv"],
        made / "again.glid",
        features=2000,
        epochs=6,
        provenance="made of words",
    )
    assert again.path.read_bytes() == (made / "model.glid").read_bytes()


def test_commands_evaluate_and_score(made: Path) -> None:
    model = str(made / "model.glid")
    shown = CliRunner().invoke(cli, ["language", "eval", model, "--data", str(made / "test.tsv")])
    assert shown.exit_code == 0, shown.output
    assert "macro F1" in shown.output
    (made / "a.txt").write_text("зелёный дом", encoding="utf-8")
    asked = ["language", "score", str(made / "a.txt"), "--model", model, "--json"]
    scored = json.loads(CliRunner().invoke(cli, asked).stdout)
    assert scored[0]["languages"][0][0] == "ru"


def test_a_line_without_a_tab_is_named(made: Path) -> None:
    (made / "bad.tsv").write_text("en\tfine\nno tab\n", encoding="utf-8")
    with pytest.raises(gd.InputError, match=r"bad.tsv: line 2: no tab"):
        gd.evaluate_language_model(made / "model.glid", [made / "bad.tsv"])


def test_one_language_is_refused(made: Path) -> None:
    (made / "one.tsv").write_text("en\tfine\n", encoding="utf-8")
    with pytest.raises(gd.GamayunError, match="fewer than two"):
        gd.train_language_model([made / "one.tsv"], made / "no.glid")
    assert not (made / "no.glid").exists()
