"""The commands of fairness: what they pass on, and what they show."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from gamayun_data import cli, report_fair
from gamayun_data.fair_run import FairRow, FairTraining
from gamayun_data.sweep import Sweep, SweepPoint
from gamayun_data.yardstick import LanguageCost

if TYPE_CHECKING:
    from pathlib import Path

FAIR = FairTraining(
    "RUN/tokenizer/tokenizer.json",
    *(300, 43, "held-out text", "tokens per byte of it, times the target", 0.1),
    (
        FairRow("en", 20, 4.0, 5.0, 0.25, 0.2),
        FairRow("ru", 23, 6.0, 4.0, 0.25, 0.4),
        FairRow("xx", 0, None, None, None, None),
    ),
)
SWEEP = Sweep(
    "held-out text",
    "tokens per byte of it, times the target",
    (SweepPoint("parity", 300, 299, (LanguageCost("en", 400, 100, 100, 400.0),), None),),
    {"parity": 1.5},
    "DIR/sweep.html",
)


class Fake:
    """Verbs that only record their calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def train_fair_tokenizer(self, *args: object, **options: object) -> FairTraining:
        self.calls.append(("train", args, options))
        return FAIR

    def sweep_run(self, *args: object, **options: object) -> Sweep:
        self.calls.append(("sweep", args, options))
        return SWEEP


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    monkeypatch.setitem(sys.modules, "gamayun_data.fair_run", made)
    return made


def invoke(*args: object) -> Result:
    return CliRunner().invoke(cli.cli, [str(one) for one in args], prog_name="gamayun-data")


def test_training_with_parity(fake: Fake, tmp_path: Path) -> None:
    dev = tmp_path / "dev.jsonl"
    dev.touch()
    result = invoke(
        *("tokenizer", "train", tmp_path, "--parity", "--parallel", dev, "--hybrid", 9),
        *("--window", 50, "--alpha", 1.5, "--vocab-size", 300, "--threads", 2),
    )
    assert result.exit_code == 0, result.output
    [(_, args, options)] = fake.calls
    given = {name: value for name, value in options.items() if value is not None}
    del given["progress"]
    assert args == (tmp_path,)
    assert given == {
        "parallel": (dev,),
        "hybrid": 9,
        "window": 50,
        "alpha": 1.5,
        "vocab_size": 300,
        "threads": 2,
    }
    for words in ("Gini of the costs 0.0000, of classic training 0.1667", "held-out text", "ru"):
        assert words in result.stdout


def test_options_of_parity_need_it(fake: Fake, tmp_path: Path) -> None:
    for options in (["--hybrid", "9"], ["--parity", "--alpha", "3"]):
        result = invoke("tokenizer", "train", tmp_path, *options)
        assert result.exit_code == 2
        assert "says how to train with" in result.stderr
    assert not fake.calls


def test_an_alpha_of_zero_is_passed_on(fake: Fake, tmp_path: Path) -> None:
    result = invoke("tokenizer", "train", tmp_path, "--parity", "--window", 5, "--alpha", 0)
    assert result.exit_code == 0, result.output
    assert fake.calls[0][2]["alpha"] == 0


def test_sweep(fake: Fake, tmp_path: Path) -> None:
    counts = tmp_path / "counts.bin"
    counts.touch()
    result = invoke(
        *("tokenizer", "sweep", "--counts", counts, "--vocab-size", "16k,32000"),
        *("--weights", "natural, T=2+hybrid=8k", "--save", "-o", tmp_path / "out"),
    )
    assert result.exit_code == 0, result.output
    [(_, args, options)] = fake.calls
    assert args == ()
    assert options["vocab_sizes"] == [16_000, 32_000]
    assert options["weightings"] == ["natural", "T=2+hybrid=8k"]
    assert (options["run"], options["counts"], options["save"]) == (None, counts, True)
    assert "parity: all sizes in 1.5 s" in result.stdout
    assert "the curves: DIR/sweep.html" in result.stderr


def test_results_as_json(fake: Fake, tmp_path: Path) -> None:
    told = json.loads(invoke("tokenizer", "sweep", tmp_path, "--json").stdout)
    assert fake.calls[0][2]["run"] == tmp_path
    [point] = told["points"]
    assert (point["gini"], point["languages"][0]["bytes_per_token"]) == (0, 4)
    told = json.loads(invoke("tokenizer", "train", tmp_path, "--parity", "--json").stdout)
    assert told["classic_gini"] == pytest.approx(1 / 6)
    assert [row["turns"] for row in told["languages"]] == [20, 23, 0]


def test_bad_sizes_are_usage_errors(fake: Fake, tmp_path: Path) -> None:
    result = invoke("tokenizer", "sweep", tmp_path, "--vocab-size", "16x")
    assert result.exit_code == 2
    assert "expected a whole number" in result.stderr
    assert not fake.calls


def test_many_languages_fit_a_narrow_console() -> None:
    names = [f"l{number:02}" for number in range(20)]
    points = tuple(
        SweepPoint(
            weighting,
            size,
            size,
            tuple(LanguageCost(name, 400, 100, 100, 400.0) for name in names),
            None,
        )
        for weighting in ("natural", "parity")
        for size in (8_000, 16_000, 32_000, 64_000, 128_000)
    )
    console = Console(width=80, record=True, file=io.StringIO())
    report_fair.sweep(console, replace(SWEEP, points=points, seconds={}))
    told = console.export_text()
    assert "…" not in told
    assert all(told.count(name) == 2 for name in names)
