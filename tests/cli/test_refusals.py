"""The command line over the real core, where there is little or nothing to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gamayun_data import cli

core = pytest.importorskip("gamayun_data._core")

STAGES = """
version = 1
languages = ["en"]
[[sources]]
name = "web"
paths = ["{file}"]
[[stages]]
name = "one"
tokens = 1000
sequence_length = 10
"""


def invoke(*args: object) -> Result:
    return CliRunner().invoke(cli.cli, list(map(str, args)), prog_name="gamayun-data")


def refused(*args: object) -> str:
    result = invoke(*args)
    assert result.exit_code == 2, result.output
    lines = [line for line in result.output.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    return lines[0]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.jsonl"
    texts = ("tiny one", "tiny two", "tiny three")
    file.write_text(
        "".join(json.dumps({"id": f"d{n}", "text": t}) + "\n" for n, t in enumerate(texts))
    )
    return file


@pytest.fixture
def staged(tmp_path: Path, tiny: Path) -> Path:
    file = tmp_path / "recipe.toml"
    file.write_text(STAGES.format(file=tiny))
    return file


def test_a_run_that_keeps_nothing_ends_well(tiny: Path, tmp_path: Path, staged: Path) -> None:
    run = tmp_path / "run"
    result = invoke("curate", tiny, "-o", run, "--langs", "en")
    assert result.exit_code == 0, result.output
    assert "no document was kept" in result.output
    assert invoke("verify", run).exit_code == 0
    assert "no document survived" in refused("tokenizer", "train", run, "--vocab-size", 500)
    assert "no document survived" in refused("shards", "build", run, "--recipe", staged)
    assert "no document survived" in refused("plan", run, "--recipe", staged)
    assert invoke("explain", run, "d1").exit_code == 0


def test_stages_over_nothing_are_refused(staged: Path, tmp_path: Path) -> None:
    assert "no document survived" in refused("curate", "--recipe", staged, "-o", tmp_path / "run")


def test_an_empty_file_is_a_run(tmp_path: Path) -> None:
    file, run = tmp_path / "empty.jsonl", tmp_path / "run"
    file.touch()
    assert invoke("curate", file, "-o", run).exit_code == 0
    assert invoke("verify", run).exit_code == 0
    assert "no document has the id" in refused("explain", run, "x")


def test_little_memory_is_refused_with_the_need(tiny: Path, tmp_path: Path) -> None:
    message = refused("curate", tiny, "-o", tmp_path / "run", "--memory", "100M")
    assert any(letter.isdigit() for letter in message)
    assert not (tmp_path / "run").exists()


def test_a_missing_input_leaves_no_run(tmp_path: Path) -> None:
    assert "no.jsonl" in refused("curate", tmp_path / "no.jsonl", "-o", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_standard_input_is_read_once(tiny: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gamayun_data", "curate", "-", "--json"]
    command += ["-o", str(tmp_path / "run"), "--langs", "en"]
    for given in (tiny.read_bytes(), b"no json"):
        done = subprocess.run(command, input=given, capture_output=True, check=True)
        assert json.loads(done.stdout)["read"] == 3


def test_ids_prefixes_and_rejected_records_are_explained(tmp_path: Path) -> None:
    file, run = tmp_path / "in.jsonl", tmp_path / "run"
    lines = [json.dumps({"id": f"id{n}", "text": f"text {n}"}) for n in range(40)]
    file.write_text("\n".join([*lines, "no json"]))
    assert invoke("curate", file, "-o", run).exit_code == 0

    def explained(name: object) -> dict[str, Any]:
        result = invoke("explain", run, name, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    document = explained("id7")["document"]
    assert explained(document[:12])["id"] == "id7"
    assert explained(document.upper())["id"] == "id7"
    firsts = [explained(f"id{n}")["document"][0] for n in range(40)]
    shared = max(firsts, key=firsts.count)
    message = refused("explain", run, shared)
    assert "several documents are meant" in message
    assert explained(f"{file}:41")["verdict"] == "rejected"
    assert "no document has the id" in refused("explain", run, f"{file}:42")


@pytest.mark.parametrize("content", [None, b"foo = 1", b"\xff"])
@pytest.mark.parametrize("key", ["model", "rules"])
def test_files_that_cannot_be_used_are_refused(
    key: str, content: bytes | None, tiny: Path, tmp_path: Path
) -> None:
    file, recipe, run = tmp_path / "file.toml", tmp_path / "recipe.toml", tmp_path / "run"
    if content is not None:
        file.write_bytes(content)
    recipe.write_text(f"version = 1\n[[sources]]\nname = 'web'\npaths = [{str(tiny)!r}]\n")
    with recipe.open("a") as more:
        more.write(
            f"rules = {str(file)!r}" if key == "rules" else f"[curation]\nlid_model={str(file)!r}"
        )
    assert "file.toml" in refused("curate", "--recipe", recipe, "-o", run)
    assert not run.exists()


@pytest.mark.parametrize("special", [[], ["<|foo|>"]])
def test_a_tokenizer_that_ends_nothing_is_refused(
    special: list[str], tmp_path: Path, staged: Path
) -> None:
    import gamayun_data

    file = tmp_path / "tokenizer.json"
    texts = ["low lower lowest"] * 4
    gamayun_data.train_tokenizer(texts, vocab_size=262, special_tokens=special).save(file)
    staged.write_text(f"{staged.read_text()}\n[tokenizer]\nfile = {str(file)!r}\n")
    assert "known to end documents" in refused("curate", "--recipe", staged, "-o", tmp_path / "run")
    file.write_text("{}")
    assert "tokenizer.json: cannot be used" in refused(
        "curate", "--recipe", staged, "-o", tmp_path / "run"
    )
    assert not (tmp_path / "run").exists()
