"""Dataclasses written as TOML, so that they read back as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from gamayun_data.policies import Policy


def to_toml(value: object) -> str:
    """Write a dataclass whose fields are plain or sections; what is `None` or empty is left out."""
    plain, tables = [], []
    for one in fields(value):  # type: ignore[arg-type]
        section = getattr(value, one.name)
        if is_dataclass(section):
            tables.append(f"\n[{one.name}]\n{_keys(section)}")
        elif isinstance(section, tuple) and section and is_dataclass(section[0]):
            tables += [f"\n[[{one.name}]]\n{_keys(item)}" for item in section]
        elif section != ():
            plain.append(f"{one.name} = {_toml(section)}")
    return "\n".join(plain + tables)


def _keys(section: object) -> str:
    pairs = ((one.name, getattr(section, one.name)) for one in fields(section))  # type: ignore[arg-type]
    return "\n".join(f"{name} = {_toml(value)}" for name, value in pairs if value is not None)


def _toml(value: object) -> str:
    if isinstance(value, Policy):
        return _toml(value.written())
    if is_dataclass(value) and not isinstance(value, type):
        named = {one.name: getattr(value, one.name) for one in fields(value)}
        return _toml({name: one for name, one in named.items() if one is not None})
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(name)} = {_toml(item)}" for name, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    # JSON strings, numbers and booleans are TOML too, once this one character is escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name)
