"""Removal rates by cluster size: from tables that are written here, against counting one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gamayun_data.errors import ConfigError
from gamayun_data.removal_rates import ClusterRates, cluster_rates


@dataclass(frozen=True)
class Row:
    language: str
    size: int
    passed: bool
    passed_language: bool = True


def write(run: Path, rows: list[Row], parts: int = 2) -> Path:
    """The columns of a run that the rates are read from, dealt out to parts."""
    kinds = {"language": pl.String, "cluster_size": pl.UInt64}
    for number in range(parts):
        mine = rows[number::parts]
        tables: dict[str, dict[str, list[Any]]] = {
            "annotations": {"language": [row.language for row in mine]},
            "decisions": {
                "passed_language": [row.passed_language for row in mine],
                "passed": [row.passed for row in mine],
            },
            "dedup": {"cluster_size": [row.size for row in mine]},
        }
        for folder, columns in tables.items():
            schema = {name: kinds.get(name, pl.Boolean) for name in columns}
            (run / folder).mkdir(parents=True, exist_ok=True)
            path = run / folder / f"part-{number}.parquet"
            pl.DataFrame(columns, schema=schema).write_parquet(path)
    return run


def clusters(language: str, size: int, number: int, dropped: int) -> list[Row]:
    """So many whole clusters of a size, with `dropped` of their members failing the rules."""
    return [Row(language, size, passed=place >= dropped) for place in range(size * number)]


def test_rates_count_all_members_and_the_whole_each_cluster_once(tmp_path: Path) -> None:
    rows = clusters("ru", 1, 100, 70) + clusters("ru", 4, 50, 80)
    rows += [Row("ru", 1, passed=False, passed_language=False)] * 30
    (found,) = cluster_rates(write(tmp_path, rows))
    whole = (70 + 80 / 4) / 150
    assert found == ClusterRates("ru", (1, 4), (0.7, 0.4), (100, 200), found.global_rate)
    assert found.global_rate == pytest.approx(whole)
    assert found.weights(5) == {1: 1, 4: 5}


def test_sizes_are_put_together_until_there_are_enough_clusters(tmp_path: Path) -> None:
    rows = clusters("en", 1, 60, 30) + clusters("en", 2, 30, 6) + clusters("en", 3, 20, 6)
    rows += clusters("en", 5, 50, 50) + clusters("en", 900, 1, 900)
    (found,) = cluster_rates(write(tmp_path, rows))
    assert found.sizes == (1, 2, 5)
    assert found.members == (60, 120, 250 + 900)
    assert found.rates == (0.5, 0.1, 950 / 1150)


def test_languages_are_measured_apart_and_small_ones_have_one_bucket(tmp_path: Path) -> None:
    rows = clusters("de", 2, 3, 1) + clusters("de", 7, 1, 7) + clusters("ar", 1, 60, 0)
    arabic, german = cluster_rates(write(tmp_path, rows))
    assert (arabic.language, arabic.global_rate, arabic.weights(9)) == ("ar", 0.0, {1: 1})
    assert (german.language, german.sizes, german.members) == ("de", (2,), (13,))


ROWS = st.lists(
    st.builds(Row, st.sampled_from(["en", "zh"]), st.integers(1, 9), st.booleans(), st.booleans()),
    max_size=80,
)


@settings(deadline=None)
@given(ROWS, st.integers(1, 12))
def test_nothing_is_lost_and_order_and_parts_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], least: int
) -> None:
    found = cluster_rates(write(tmp_path_factory.mktemp("a"), rows, 1), least_clusters=least)
    other = write(tmp_path_factory.mktemp("b"), rows[::-1], 3)
    assert cluster_rates(other, least_clusters=least) == found
    by_language = defaultdict(list)
    for row in rows:
        if row.passed_language:
            by_language[row.language].append(row)
    assert [one.language for one in found] == sorted(by_language)
    for one in found:
        mine = by_language[one.language]
        assert sum(one.members) == len(mine)
        dropped = sum(rate * members for rate, members in zip(one.rates, one.members, strict=True))
        assert dropped == pytest.approx(sum(not row.passed for row in mine))
        whole = sum((not row.passed) / row.size for row in mine) / sum(1 / row.size for row in mine)
        assert one.global_rate == pytest.approx(whole)
        for start, end in zip(one.sizes, (*one.sizes[1:], 10), strict=True):
            held = sum(1 / row.size for row in mine if start <= row.size < end)
            assert held >= least - 1e-9 or len(one.sizes) == 1


def test_a_run_without_clusters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no clusters"):
        cluster_rates(tmp_path)
    with pytest.raises(ConfigError, match="least_clusters"):
        cluster_rates(tmp_path, least_clusters=0)
