"""`[clean]` of a recipe: which repairs are made, and which private matter is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gamayun_data import schema

if TYPE_CHECKING:
    from gamayun_data import _core

__all__ = ["CLEAN_KEYS", "PRIVATE", "REPAIRS", "Clean", "core_cleaner", "no_cleaner"]

REPAIRS: Final = ("encoding", "markup", "invisible", "homoglyphs", "hyphens", "spaced")
PRIVATE: Final = ("email", "ip", "phone", "iban", "card", "secret")


@dataclass(frozen=True, slots=True)
class Clean:
    """What is done to texts before all else; nothing, unless it is named.

    `private` matter is replaced by examples that belong to nobody. What was replaced is kept
    nowhere, unless `keep_originals` says that the table `cleaning/` of the run may hold it.
    """

    repair: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    keep_originals: bool = False


def _names(*known: str) -> schema.Check:
    """A list of names, the same with commas between them, or "all"."""
    names = schema.distinct(schema.list_of(schema.choice(*known)))

    def check(value: object, where: str) -> tuple[str, ...]:
        if value == "all":
            return known
        if isinstance(value, str):
            value = [name.strip() for name in value.split(",")]
        return tuple(names(value, where))

    return check


CLEAN_KEYS: Final[Mapping[str, schema.Check]] = {
    "repair": _names(*REPAIRS),
    "private": _names(*PRIVATE),
    "keep_originals": schema.truth,
}


def no_cleaner() -> _core.Cleaner:
    """The cleaner that normalises alone."""
    from gamayun_data import _core

    return _core.Cleaner([], [])


def core_cleaner(clean: Clean) -> _core.Cleaner | None:
    """The cleaner of a recipe as the core takes it; `None` if nothing is cleaned."""
    from gamayun_data import _core

    if not clean.repair and not clean.private:
        return None
    return _core.Cleaner(
        list(clean.repair), list(clean.private), keep_originals=clean.keep_originals
    )
