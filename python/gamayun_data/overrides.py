"""A recipe with some keys of its stages changed, to see what would come of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import config, schema
from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gamayun_data.recipe import Recipe

FORM: Final = re.compile(r"stages\.([^.=\s]+)((?:\.[^.=\s]+)+)\s*=(.*)", re.DOTALL)


def overridden(recipe: str | Path, changes: Sequence[str]) -> Recipe:
    """Read a recipe file with changes such as `stages.stage1.tokens=2B`.

    A stage is named by its name, or `*` for all. A value is TOML, or else plain text; an empty one
    removes the key. Raises `ConfigError` for a change that is none or a key that is unknown.
    """
    path = Path(recipe)
    config.load(path)  # what is wrong without the changes is told as such
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    for change in changes:
        _apply(raw, change)
    try:
        return config.from_table(raw, folder=path.parent)
    except ConfigError as error:
        message = f"{path} with {', '.join(changes)}: {error}"
        raise ConfigError(message, parameter=error.parameter, path=path) from error


def _apply(raw: dict[str, Any], change: str) -> None:
    match = FORM.fullmatch(change.strip())
    if match is None:
        schema.refuse("what-if", "a change such as stages.stage1.tokens=2B", change)
    name, keys, value = match[1], match[2][1:].split("."), match[3].strip()
    stages = [one for one in raw.get("stages", []) if name in {"*", one.get("name")}]
    if not stages:
        names = [str(one.get("name")) for one in raw.get("stages", [])]
        raise ConfigError(
            f"what-if: no stage is named {name!r}{schema.nearest(name, names)}", parameter="what-if"
        )
    for stage in stages:
        _put(stage, keys, value, change)


def _put(table: dict[str, Any], keys: Sequence[str], value: str, change: str) -> None:
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            schema.refuse("what-if", f"a table at {key}", change)
    if value:
        table[keys[-1]] = _value(value)
    else:
        table.pop(keys[-1], None)


def _value(text: str) -> Any:  # noqa: ANN401 (TOML is any of its types)
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
