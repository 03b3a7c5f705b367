"""Labelled junk as tables: how each kind fared, where too little, and good text kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gamayun_data.noise import CLEAN
from gamayun_data.report import table_of

if TYPE_CHECKING:
    from rich.console import Console

    from gamayun_data.noise import NoiseCell, NoiseTrial

JUNK: Final = 0.95
"""Junk of which less is dropped or repaired is named by language."""


def noise_trial(console: Console, result: NoiseTrial) -> None:
    """A row for each kind of junk, a row for the good text of each language, then examples."""
    columns = ["texts", "% dropped", "% repaired", "% both"]
    junk = table_of(f"Junk under {result.rules}", ["kind", "reasons", "too little in"], columns)
    for kind in (one for one in result.kinds() if one.kind != CLEAN):
        cells = [cell for cell in result.cells if cell.kind == kind.kind]
        weak = [cell for cell in cells if _share(cell) < JUNK]
        told = ", ".join(f"{cell.language} {cell.good}/{cell.documents}" for cell in weak)
        shares = (_percent(n, kind) for n in (kind.dropped, kind.repaired, kind.good))
        junk.add_row(kind.kind, _reasons(kind), told, f"{kind.documents:,}", *shares)
    console.print(junk)
    clean = table_of("Good text", ["language", "dropped for"], ["texts", "% kept"])
    for cell in (one for one in result.cells if one.kind == CLEAN):
        told = _reasons(cell)
        clean.add_row(cell.language, told, f"{cell.documents:,}", _percent(cell.good, cell))
    console.print(clean)
    _examples(console, result)


def _examples(console: Console, result: NoiseTrial) -> None:
    for cell in result.cells:
        for one in cell.examples:
            fate = f"dropped for {one.reason}" if one.reason else "passed"
            told = f"{cell.kind} {cell.language}: {one.id}: {fate}: {one.text!r}"
            console.print(told, markup=False, highlight=False, soft_wrap=True)


def _reasons(cell: NoiseCell) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in cell.reasons[:3])


def _share(cell: NoiseCell) -> float:
    return cell.good / max(cell.documents, 1)


def _percent(part: int, cell: NoiseCell) -> str:
    return f"{100 * part / max(cell.documents, 1):.1f}"
