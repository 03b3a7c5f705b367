"""Numbers with units: read from what people write, shown as people read them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from gamayun_data.errors import ConfigError

_NUMBER: Final = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9_]+)?)\s*([A-Za-z]*)\s*")
_COUNTS: Final = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "g": 10**9, "t": 10**12}
# A bare letter is binary, as in `ulimit`, Docker and Slurm; "GB" is decimal, as on a disk.
_BYTES: Final = {
    "": 1,
    "b": 1,
    **{
        f"{letter}{tail}": base**power
        for power, letter in enumerate("kmgt", start=1)
        for tail, base in (("", 1024), ("ib", 1024), ("b", 1000))
    },
}
_MINUTE: Final = 60
_HOUR: Final = 3600
_SMALL: Final = 1000
_DECIMALS: Final = (99.95, 9.995)  # below the first one decimal is shown, below the second two


def parse_count(value: str | int, parameter: str = "count") -> int:
    """Read a number of things: `1500`, `"1_500"`, `"1.5K"`, `"20M"`, `"1.5B"`, `"2T"`.

    >>> parse_count("1.5B")
    1500000000
    """
    return _parse(value, parameter, _COUNTS, 'a whole number such as 1500000, "20M" or "1.5B"')


def parse_bytes(value: str | int, parameter: str = "bytes") -> int:
    """Read a number of bytes: `"16G"` and `"16GiB"` are binary, `"16GB"` is decimal.

    >>> parse_bytes("16G"), parse_bytes("16GB")
    (17179869184, 16000000000)
    """
    return _parse(value, parameter, _BYTES, 'a number of bytes such as 4096, "512M" or "16G"')


def _parse(value: str | int, parameter: str, units: dict[str, int], expected: str) -> int:
    match = _NUMBER.fullmatch(str(value))
    unit = units.get(match[2].lower()) if match else None
    if isinstance(value, bool) or match is None or unit is None:
        raise ConfigError(f"{parameter}: expected {expected}, found {value!r}", parameter=parameter)
    number = Decimal(match[1]) * unit
    if number != int(number):
        raise ConfigError(
            f"{parameter}: {value!r} is not a whole number of units", parameter=parameter
        )
    return int(number)


def show_count(number: float) -> str:
    """Show a number of things in at most five characters.

    >>> show_count(950), show_count(12_345), show_count(1_500_000_000)
    ('950', '12.3K', '1.50B')
    """
    return _show(number, ("", "K", "M", "B", "T"), "")


def show_bytes(number: float) -> str:
    """Show a number of bytes in decimal units.

    >>> show_bytes(950), show_bytes(12_345_678)
    ('950 B', '12.3 MB')
    """
    return _show(number, ("B", "KB", "MB", "GB", "TB", "PB"), " ")


def _show(number: float, units: tuple[str, ...], space: str) -> str:
    power, scaled = 0, float(number)
    while round(scaled) >= _SMALL and power + 1 < len(units):
        power, scaled = power + 1, scaled / _SMALL
    digits = sum(scaled < below for below in _DECIMALS) if power else 0
    return f"{scaled:.{digits}f}{space}{units[power]}"


def show_share(share: float) -> str:
    """Show a share of a whole as a percentage with two decimals.

    >>> show_share(0.37)
    '37.00%'
    """
    return f"{100 * share:.2f}%"


def show_seconds(seconds: float) -> str:
    """Show a duration.

    >>> show_seconds(7.25), show_seconds(75), show_seconds(7384)
    ('7.2 s', '1 min 15 s', '2 h 03 min')
    """
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{seconds:.1f} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
