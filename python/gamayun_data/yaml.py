"""Writes plain values as YAML: what the JSON of strings and numbers is in YAML too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def to_yaml(value: Mapping[str, Any]) -> str:
    """Mappings and lists in block style, scalars as JSON, which YAML 1.2 contains.

    >>> print(to_yaml({"a": [1, {"b": "x: y", "c": True}], "d": []}), end="")
    a:
    - 1
    - b: "x: y"
      c: true
    d: []
    """
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: object) -> list[str]:
    if isinstance(value, Mapping) and value:
        return [line for key, item in value.items() for line in _entry(f"{key}:", item)]
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        lines = []
        for item in value:
            first, *rest = _lines(item)
            lines += [f"- {first}", *(f"  {line}" for line in rest)]
        return lines
    return [_scalar(value)]


def _entry(key: str, item: object) -> list[str]:
    lines = _lines(item)
    if isinstance(item, Mapping) and item:
        return [key, *(f"  {line}" for line in lines)]
    if isinstance(item, Sequence) and not isinstance(item, str) and item:
        return [key, *lines]
    return [f"{key} {lines[0]}"]


def _scalar(value: object) -> str:
    """JSON, but for numbers such as 1e-07, which YAML 1.1 takes for text."""
    if isinstance(value, float) and "e" in repr(value):
        mantissa, _, exponent = repr(value).partition("e")
        mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
        sign = "" if exponent.startswith("-") else "+"
        return f"{mantissa}e{sign}{exponent.removeprefix('+')}"
    return json.dumps(value, ensure_ascii=False)
