"""A directory belongs to one configuration, and is not taken by what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gamayun_data import config, directory
from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from gamayun_data.recipe import Recipe


@pytest.fixture
def asked() -> Recipe:
    return config.resolve(None, sources=["a.jsonl"])


def test_a_directory_is_of_one_configuration(tmp_path: Path, asked: Recipe) -> None:
    with directory.claimed(tmp_path, asked):
        pass
    with directory.claimed(tmp_path, asked):
        pass
    with pytest.raises(ConfigError, match="belongs to another run: seed is 17 there"):
        directory.claim(tmp_path, replace(asked, seed=99))


def test_what_is_refused_at_once_leaves_no_trace(tmp_path: Path, asked: Recipe) -> None:
    def refused(run: Path) -> None:
        with directory.locked(run), directory.claimed(run, asked):
            (run / "documents").mkdir()
            (run / "documents" / "maker.json").touch()
            raise ConfigError("memory")

    with pytest.raises(ConfigError, match="memory"):
        refused(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_fails_later_keeps_its_work(tmp_path: Path, asked: Recipe) -> None:
    def fails(run: Path) -> None:
        with directory.locked(run), directory.claimed(run, asked):
            (run / "documents").mkdir()
            (run / "documents" / "part-00000-000.parquet").touch()
            raise ConfigError("later")

    with pytest.raises(ConfigError, match="later"):
        fails(tmp_path / "run")
    assert (tmp_path / "run" / "run.json").exists()


def test_outputs_that_cannot_be_runs_are_refused(tmp_path: Path, asked: Recipe) -> None:
    (tmp_path / "file").touch()
    for output in ("file", "file/inside"):
        with (
            pytest.raises(ConfigError, match="not a directory"),
            directory.locked(tmp_path / output),
        ):
            pass
    with pytest.raises(ConfigError, match="not empty, and not the directory of a run"):
        directory.claim(tmp_path, asked)


def test_a_run_is_worked_on_by_one_process(tmp_path: Path) -> None:
    with (
        directory.locked(tmp_path),
        pytest.raises(ConfigError, match="another process"),
        directory.locked(tmp_path),
    ):
        pass
