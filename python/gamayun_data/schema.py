"""Checks for values that people wrote: each takes a value and its place and may refuse it."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from gamayun_data.errors import ConfigError

Check = Callable[[object, str], Any]
T = TypeVar("T")


def refuse(where: str, expected: str, found: object) -> NoReturn:
    """Say what stood where and what was expected there."""
    raise ConfigError(f"{where}: expected {expected}, found {found!r}", parameter=where)


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that looks most like this one, as the end of a message."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; known here: {', '.join(names)}"


def text(value: object, where: str) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        refuse(where, "a string that is not empty", value)
    return value


def truth(value: object, where: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        refuse(where, "true or false", value)
    return value


def matching(pattern: str, expected: str) -> Check:
    """A string of a given form."""
    form = re.compile(pattern)

    def check(value: object, where: str) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            refuse(where, expected, value)
        return value

    return check


def choice(*names: str) -> Check:
    """One of a few words."""

    def check(value: object, where: str) -> str:
        if not isinstance(value, str) or value not in names:
            refuse(where, "one of " + ", ".join(f'"{name}"' for name in names), value)
        return value

    return check


def choice_or(prefix: str, *names: str) -> Check:
    """One of a few words, or text of one's own behind a prefix."""
    expected = ", ".join(f'"{name}"' for name in (*names, f"{prefix}…"))

    def check(value: object, where: str) -> str:
        own = isinstance(value, str) and value.startswith(prefix) and value != prefix
        if not isinstance(value, str) or not (own or value in names):
            refuse(where, f"one of {expected}", value)
        return value

    return check


def integer(low: int, high: int | None = None) -> Check:
    """A whole number within bounds, both included."""
    expected = f"a whole number from {low}" + ("" if high is None else f" to {high}")

    def check(value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            refuse(where, expected, value)
        if value < low or (high is not None and value > high):
            refuse(where, expected, value)
        return value

    return check


def number(low: float, high: float = math.inf, *, above: bool = False) -> Check:
    """A number within bounds, both included; `above` leaves the lower one out."""
    expected = f"a number {'above' if above else 'from'} {low:g}"
    expected += "" if math.isinf(high) else f" to {high:g}"

    def check(value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse(where, expected, value)
        if not low <= value <= high or math.isinf(value) or (above and value == low):
            refuse(where, expected, value)
        return float(value)

    return check


def list_of(item: Check, *, least: int = 0) -> Check:
    """A list of such values, as a tuple."""

    def check(value: object, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            refuse(where, "a list", value)
        if len(value) < least:
            refuse(where, f"a list of at least {least}", list(value))
        return tuple(item(one, f"{where}[{index}]") for index, one in enumerate(value))

    return check


def distinct(items: Check) -> Check:
    """A list without repetition."""

    def check(value: object, where: str) -> tuple[Any, ...]:
        parsed: tuple[Any, ...] = items(value, where)
        for index, one in enumerate(parsed):
            if one in parsed[:index]:
                raise ConfigError(f"{where}: {one!r} stands there twice", parameter=where)
        return parsed

    return check


def mapping_of(key: Check, item: Check) -> Check:
    """A table from free names to such values, sorted by name."""

    def check(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            refuse(where, "a table", value)
        return {key(name, where): item(value[name], f"{where}.{name}") for name in sorted(value)}

    return check


def record(
    kind: Callable[..., T], checks: Mapping[str, Check], *, required: tuple[str, ...] = ()
) -> Callable[[object, str], T]:
    """A table with known keys; absent ones keep the defaults of `kind`."""

    def check(value: object, where: str) -> T:
        if not isinstance(value, Mapping):
            refuse(where, "a table", value)
        return kind(**fields(value, where, checks, required))

    return check


def fields(
    value: Mapping[str, object],
    where: str,
    checks: Mapping[str, Check],
    required: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Check a table key by key: unknown keys are refused with the nearest known one."""
    prefix = f"{where}." if where else ""
    for name in value:
        if name not in checks:
            raise ConfigError(
                f"{prefix}{name}: unknown key{nearest(name, checks)}", parameter=f"{prefix}{name}"
            )
    for name in required:
        if name not in value:
            raise ConfigError(f"{prefix}{name}: missing", parameter=f"{prefix}{name}")
    return {name: checks[name](one, f"{prefix}{name}") for name, one in value.items()}
