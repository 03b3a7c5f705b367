"""Quality classifiers: trained, measured and scored, alone and in a run."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest

from gamayun_data import curate, evaluate_quality, score_quality, train_quality, verify
from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.quality import QualityModel

GOOD = ["theorem", "proof", "lemma", "because", "therefore", "follows", "number", "finite"]
BAD = ["buy", "cheap", "click", "offer", "discount", "now", "free", "deal", "today", "best"]
BOTH = ["the", "of", "and", "a", "in", "to", "is", "that", "it", "for", "on", "with", "as"]


def documents(own: list[str], count: int, seed: int) -> list[dict[str, str]]:
    draw = random.Random(seed)
    made = []
    for number in range(count):
        share = draw.uniform(0.1, 0.6)
        words = [draw.choice(own if draw.random() < share else BOTH) for _ in range(80)]
        text = ". ".join(" ".join(words[i : i + 10]).capitalize() for i in range(0, 80, 10)) + "."
        made.append({"id": f"{own[0]}-{seed}-{number}", "text": text})
    return made


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality")
    good = write(folder / "good.jsonl", documents(GOOD, 200, 1))
    bad = write(folder / "bad.jsonl", documents(BAD, 200, 2))
    train_quality(good, bad, folder / "model.bin", language="en", dim=32, buckets=5000, epochs=20)
    write(folder / "a.jsonl", documents(GOOD, 60, 3) + documents(BAD, 60, 4))
    return folder


def test_a_model_does_not_depend_on_threads_files_or_order(made: Path, tmp_path: Path) -> None:
    good = documents(GOOD, 200, 1)[::-1]
    halves = [write(tmp_path / f"{n}.jsonl", good[n::2]) for n in range(2)]
    again = train_quality(
        halves,
        made / "bad.jsonl",
        tmp_path / "model.bin",
        language="en",
        dim=32,
        buckets=5000,
        epochs=20,
        threads=2,
    )
    assert (tmp_path / "model.bin").read_bytes() == (made / "model.bin").read_bytes()
    said = json.loads((made / "model.json").read_text(encoding="utf-8"))
    assert said == json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert again.positive == again.negative == 200
    assert again.evaluation.f1 is not None
    assert again.evaluation.f1 > 0.9


def test_measures_and_scores_agree(made: Path, tmp_path: Path) -> None:
    good = write(tmp_path / "good.jsonl", documents(GOOD, 50, 5))
    bad = write(tmp_path / "bad.jsonl", documents(BAD, 50, 6))
    measured = evaluate_quality(made / "model.bin", good, bad).evaluation
    output = tmp_path / "scores.parquet"
    scored = score_quality(made / "model.bin", [good, bad], output=output, name="edu")
    table = pl.read_parquet(output)
    assert scored.documents == table.height == measured.documents == 100
    told = (table["edu"] >= 0.5) == table["id"].str.starts_with(GOOD[0])
    assert measured.accuracy == pytest.approx(told.mean())
    model = QualityModel.load(made / "model.bin")
    texts = [json.loads(line)["text"] for line in good.read_text(encoding="utf-8").splitlines()]
    assert model.score(texts).to_list() == table["edu"][:50].to_list()
    calibrated = model.score(texts, calibrated=True)
    assert calibrated.is_between(0, 1).all()


def test_a_quantised_model_is_small_and_nearly_as_good(made: Path, tmp_path: Path) -> None:
    small = train_quality(
        made / "good.jsonl",
        made / "bad.jsonl",
        tmp_path / "model.ftz",
        dim=32,
        buckets=5000,
        epochs=20,
        cutoff=1000,
    )
    assert (tmp_path / "model.ftz").stat().st_size < (made / "model.bin").stat().st_size / 5
    assert small.evaluation.f1 is not None
    assert small.evaluation.f1 > 0.9


def recipe(made: Path, quality: str) -> Path:
    path = made / "recipe.toml"
    path.write_text(
        f"""
        version = 1
        languages = ["en"]
        [[sources]]
        name = "web"
        paths = ["a.jsonl"]
        language = "en"
        rules = "none"
        [dedup]
        compare = "exact"
        [quality]
        {quality}
        """,
        encoding="utf-8",
    )
    return path


def test_a_run_keeps_the_better_documents_and_tells_why(made: Path, tmp_path: Path) -> None:
    scores = tmp_path / "elsewhere.parquet"
    ids = [f"{GOOD[0]}-3-{n}" for n in range(60)] + ["nobody"]
    pl.DataFrame({"id": ids, "other": [1.0] * 61}).write_parquet(scores)
    asked = recipe(made, 'scorers = [{ name = "edu", model = "model.bin" }]\nkeep = { "*" = 0.5 }')
    runs = []
    for threads in (1, 3):
        run = tmp_path / f"run{threads}"
        result = curate(recipe=asked, output=run, scores=scores, threads=threads)
        runs.append([path.read_bytes() for path in sorted((run / "quality").glob("*.parquet"))])
        row = result.languages[0]
        assert row.read == row.kept + sum(row.dropped.values())
        assert verify(run).ok
    assert runs[0] == runs[1]
    told = json.loads((run / "steps" / "decide.json").read_text(encoding="utf-8"))
    counts = told["counts"]["quality"]
    assert (counts["external_rows"], counts["external_unmatched"]) == (61, 1)
    table = pl.read_parquet(run / "quality" / "part-*.parquet")
    decided = pl.read_parquet(run / "decisions" / "part-*.parquet")
    dropped = decided["step"] == "quality"
    assert dropped.sum() == row.dropped["quality.combined"]
    assert (table["quality"] < table["threshold"]).fill_null(value=False).to_list() == (
        dropped.fill_null(value=False).to_list()
    )
    kept = pl.read_parquet(run / "selection" / "part-*.parquet")
    fields = json.loads(kept["metadata"][0])
    assert 0 <= fields["vigintile"] < 20
    assert fields["quality"] == pytest.approx(
        table["quality"].filter(table["quality"] == fields["quality"])[0]
    )


def test_scores_with_an_id_twice_and_strange_models_are_refused(made: Path, tmp_path: Path) -> None:
    scores = tmp_path / "twice.parquet"
    pl.DataFrame({"id": ["a", "a"], "score": [0.5, 0.6]}).write_parquet(scores)
    with pytest.raises(ConfigError, match='id "a" twice'):
        curate([made / "a.jsonl"], output=tmp_path / "run", langs="en", scores=scores)
    (tmp_path / "none.bin").write_bytes(b"nothing of the kind")
    with pytest.raises(FormatError):
        QualityModel.load(tmp_path / "none.bin")
    with pytest.raises(ConfigError, match="label"):
        QualityModel.load(made / "model.bin", label="unknown")
