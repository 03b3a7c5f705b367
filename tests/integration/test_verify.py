"""`verify` accepts a whole run and names what was damaged; `explain` tells a document's fate."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

import gamayun_data

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine


@pytest.fixture
def damaged(run: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may damage."""
    return Path(shutil.copytree(run, tmp_path / "run"))


def test_a_whole_run_is_accepted(run: Path) -> None:
    result = gamayun_data.verify(run)
    assert result.ok, result.problems
    assert result.problems == ()
    assert all(count > 0 for count in result.checked.values())


def flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize("kind", ["*.bin", "*.gdx"])
@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_a_flipped_bit_is_found(damaged: Path, kind: str, place: float) -> None:
    path = max((damaged / "shards").rglob(kind), key=lambda p: p.stat().st_size)
    flip(path, int(path.stat().st_size * place))
    result = gamayun_data.verify(damaged)
    assert not result.ok
    assert any(path.name in Path(problem.file).name for problem in result.problems)


def test_a_missing_shard_is_found(damaged: Path) -> None:
    path = next((damaged / "shards").rglob("*.bin"))
    path.unlink()
    result = gamayun_data.verify(damaged)
    assert any(str(problem.file).endswith(path.name) for problem in result.problems)


def test_a_changed_manifest_is_found(damaged: Path) -> None:
    path = next((damaged / "manifests").glob("*.json"))
    text = path.read_text(encoding="utf-8")
    digits = next(line for line in text.splitlines() if '"tokens": ' in line)
    path.write_text(text.replace(digits, digits.replace(": ", ": 1", 1), 1), encoding="utf-8")
    assert not gamayun_data.verify(damaged).ok


def test_the_command_says_where(damaged: Path, command: CommandLine) -> None:
    path = next((damaged / "shards").rglob("*.bin"))
    flip(path, 0)
    answer = command("verify", damaged, "--json")
    assert answer.code == 1
    result = json.loads(answer.out)
    assert any(problem["file"].endswith(path.name) for problem in result["problems"])
    assert "Traceback" not in answer.err


def some(run: Path, table: str, column: str, value: object) -> list[str]:
    """Ids of documents whose row in a table has a value in a column."""
    found: list[str] = []
    for part in sorted((run / table).glob("part-*.parquet")):
        hits = pq.read_table(part, columns=[column])[column].to_pylist()
        ids = pq.read_table(run / "documents" / part.name, columns=["id"])["id"].to_pylist()
        found += [name for name, hit in zip(ids, hits, strict=True) if name and hit == value]
    return found


def test_explain_tells_rule_value_and_threshold(run: Path, command: CommandLine) -> None:
    name = some(run, "decisions", "reason", "gopher_below_alpha_threshold")[0]
    result = json.loads(command("explain", run, name, "--json").out)
    assert (result["verdict"], result["reason"]) == ("dropped", "gopher_below_alpha_threshold")
    assert result["value"] < result["threshold"]


def test_explain_tells_the_kept_twin(run: Path, command: CommandLine) -> None:
    name = some(run, "dedup", "measure", "jaccard")[0]
    result = json.loads(command("explain", run, name, "--json").out)
    assert result["verdict"] == "dropped"
    assert result["similarity"] >= 0.8
    assert result["kept_id"]


def test_explain_of_nobody(run: Path, command: CommandLine) -> None:
    answer = command("explain", run, "no-such-document")
    assert answer.code in {1, 2}
    assert "no-such-document" in answer.err


def test_the_example_reads_the_run(run: Path) -> None:
    example = Path(__file__).resolve().parents[2] / "examples" / "read_shards.py"
    done = subprocess.run(
        [sys.executable, example, run], capture_output=True, text=True, check=True, timeout=60
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(gamayun_data.open_run(run).pools) > 12


def test_every_step_is_documented(run: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "pipeline.md"
    text = page.read_text(encoding="utf-8")
    steps = {path.stem for path in (run / "steps").glob("*.json")}
    assert {step for step in steps if f"| {step} |" not in text} == set()
