"""The command that writes shards for other trainers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.stage_run import Taken, write_run

from gamayun_data.cli import cli


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["shards", "export", *map(str, args)])


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return write_run(
        tmp_path / "run", {"en-web": [50, 7, 60]}, [Taken("one", 8, {"en-web": 9})], shard_bytes=200
    )


def test_a_table_and_where_to_look(made: Path, tmp_path: Path) -> None:
    out = run(made, "--format", "megatron", "-o", tmp_path / "out")
    assert out.exit_code == 0
    assert "en-web" in out.stdout
    assert "shares are ours, the order is its own" in " ".join(out.stdout.split())
    assert f"{tmp_path}/out/export.json" in out.stderr


def test_json(made: Path, tmp_path: Path) -> None:
    out = run(made, "--format", "olmo", "--stage", "one", "-o", tmp_path / "out", "--json")
    told = json.loads(out.stdout)
    record = json.loads((tmp_path / "out" / "export.json").read_text("utf-8"))
    assert told["stages"] == record["stages"]
    assert told["order"] == "shares"


def test_refusals(made: Path, tmp_path: Path) -> None:
    out = run(made, "--format", "olmo", "-o", made)
    assert out.exit_code == 2
    assert "is there already" in out.stderr
    assert run(made, "--format", "fortran", "-o", tmp_path / "out").exit_code == 2
