"""The page of a run says what the run says, and loads nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import gamayun_data as gd
from gamayun_data import page_run

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine


def test_the_page_stands_alone_and_is_the_same_again(run: Path, tmp_path: Path) -> None:
    html = page_run.run_page(run).html()
    assert html == page_run.run_page(run).html()
    assert not re.search(r"<(script|link|img|iframe)|\bsrc=|@import|url\(", html)
    for words in ("The mixture", "Epochs", "What was kept", "Bytes of text per token", "stage2"):
        assert words in html
    result = gd.verify(run)
    checked = page_run.run_page(run, verification=result).write(tmp_path / "page.html")
    assert "Nothing is wrong" in checked.read_text(encoding="utf-8")


def test_a_run_ends_with_its_page(run: Path, sample: Path, tmp_path: Path) -> None:
    written = (run / "report.html").read_text(encoding="utf-8")
    assert written == page_run.run_page(run).html()
    gd.curate([sample / "books.parquet"], output=tmp_path / "plain")
    plain = (tmp_path / "plain" / "report.html").read_text(encoding="utf-8")
    assert "What was kept" in plain
    assert "Epochs" not in plain


def test_parts_of_a_bar_are_all_of_it(run: Path) -> None:
    html = page_run.run_page(run).html()
    for stage in ("stage1", "stage2"):
        parts = re.findall(rf"<title>{stage}, [^:<]+: ([\d.]+)%</title>", html)
        whole = sum(map(float, parts))
        assert abs(whole - 200) < 1  # by language and by domain, rounded


def test_the_command_writes_it(run: Path, tmp_path: Path, command: CommandLine) -> None:
    done = command("report", run, "-o", tmp_path / "report.html")
    assert done.code == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
