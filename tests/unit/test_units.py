"""Numbers with units, both ways."""

from __future__ import annotations

import pytest

from gamayun_data import units
from gamayun_data.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "number"),
    [("0", 0), (7, 7), ("1_500", 1500), ("1.5K", 1500), (" 20 m ", 20_000_000), ("2T", 2 * 10**12)],
)
def test_counts(written: str | int, number: int) -> None:
    assert units.parse_count(written) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [(5, 5), ("5B", 5), ("1K", 1024), ("1KB", 1000), ("1KiB", 1024), ("1.5G", 3 * 2**29)],
)
def test_sizes(written: str | int, number: int) -> None:
    assert units.parse_bytes(written) == number


@pytest.mark.parametrize("written", ["", "-1", "x", "1Q", "1..5", True, "0.0001K"])
def test_what_is_no_number_is_refused(written: str | int) -> None:
    with pytest.raises(ConfigError, match="size: "):
        units.parse_bytes(written, "size")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00K"),
        (9994, "9.99K"),
        (9_999, "10.0K"),
        (99_960, "100K"),
        (999_400, "999K"),
        (999_600, "1.00M"),
        (2.5e15, "2500T"),
    ],
)
def test_shown_counts_have_three_digits(number: float, shown: str) -> None:
    assert units.show_count(number) == shown


def test_shown_durations() -> None:
    assert [units.show_seconds(s) for s in (0.04, 59.4, 60, 3599.7)] == [
        "0.0 s",
        "59.4 s",
        "1 min 00 s",
        "1 h 00 min",
    ]
