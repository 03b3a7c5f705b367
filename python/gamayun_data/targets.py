"""Targets: how many bytes a language needs for what the reference says in one.

With them languages are compared without parallel text: bytes over the target are content.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from gamayun_data.errors import ConfigError

SHIPPED: Final = Path(__file__).parent / "data" / "targets.toml"
RANGE: Final = (0.001, 1000.0)


def read_targets(path: str | Path | None = None) -> dict[str, float]:
    """Read a TOML file of `language = target`; without a path the shipped one, against English.

    >>> read_targets()["en"], read_targets()["ru"]
    (1.0, 1.878)
    """
    chosen = Path(path) if path else SHIPPED
    try:
        table = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{chosen}: {error}", path=chosen) from error
    for language, target in table.items():
        number = isinstance(target, int | float) and not isinstance(target, bool)
        if not (number and RANGE[0] <= target <= RANGE[1]):
            raise ConfigError(
                f"{chosen}: {language}: expected a number from 0.001 to 1000, found {target!r}",
                parameter=language,
                path=chosen,
            )
    return {language: float(target) for language, target in table.items()}


def targets_for(languages: list[str], path: str | Path | None = None) -> dict[str, float]:
    """The targets of those of these languages that a file speaks of: others are not compared.

    `ConfigError` if it speaks of none.

    >>> targets_for(["code", "de", "en"])
    {'de': 1.275, 'en': 1.0}
    """
    known = read_targets(path)
    found = {language: known[language] for language in languages if language in known}
    if not found:
        raise ConfigError(
            f"{path or 'the shipped targets'}: nothing is said of {', '.join(languages)}; give "
            "targets, or parallel text",
            parameter="targets",
        )
    return found
