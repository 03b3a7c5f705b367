"""Plots as SVG text: curves over an axis, and bars in groups; no library, no script.

Colours of words and lines come from the classes that `page` styles, for light and for dark. Series
differ in colour, dash and mark, so that no one has to tell colours apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gamayun_data.axis import Axis, fit, on_axis, shown
from gamayun_data.markup import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH: Final = 800
HEIGHT: Final = 380
LEGEND: Final = 150
LEFT: Final = 70
TOP: Final = 14
BOTTOM: Final = 48
LINE: Final = 18
BAR: Final = 13
GAP: Final = 9
STACK: Final = 20
KEY: Final = 110
ROOM: Final = 34
"""Heights of a stacked bar, widths of a key, and of a part that has room for its number."""
LETTER: Final = 7.2
"""About the width of a letter at the size of the labels."""
# Okabe and Ito's palette (jfly.uni-koeln.de/color) without the yellow, which white swallows.
COLOURS: Final = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c564b", "#7f7f7f",
)  # fmt: skip
DASHES: Final = ("", "6 3", "2 3", "9 3 2 3")


def curves(
    title: str,
    series: Mapping[str, Sequence[tuple[float, float]]],
    *,
    x: str,
    y: str,
    log_x: bool = False,
    log_y: bool = False,
    name: str = "plot",
) -> str:
    """Draw named series of (x, y); points without a finite value are left out."""
    points = {key: _finite(mine) for key, mine in series.items()}
    every = [point for mine in points.values() for point in mine]
    height = max(HEIGHT, TOP + BOTTOM + LINE * len(points))
    if not every:
        return _svg(name, title, "Nothing to show.", height, ())
    floor = height - BOTTOM
    across = fit([a for a, _ in every], LEFT, WIDTH - LEFT - LEGEND, log=log_x, widen=False)
    up = fit([b for _, b in every], floor, TOP - floor, log=log_y, widen=True)
    told = f"{y} against {x}; series: {', '.join(points)}."
    parts = [*_grid(across, up, x, y), *_legend(points)]
    for number, (key, mine) in enumerate(points.items()):
        parts += _curve(number, key, mine, across, up)
    return _svg(name, title, told, height, parts)


def bars(
    title: str, groups: Mapping[str, Mapping[str, float | None]], *, x: str, name: str = "plot"
) -> str:
    """Draw a horizontal bar for each series of each group; values are not negative."""
    names = list(dict.fromkeys(key for mine in groups.values() for key in mine))
    every = (_number(one) for mine in groups.values() for one in mine.values())
    values = [one for one in every if not math.isnan(one)]
    top = TOP + LINE * len(names) * (len(names) > 1)
    height = top + BOTTOM + sum(len(mine) * BAR + GAP for mine in groups.values())
    if not values:
        return _svg(name, title, "Nothing to show.", height, ())
    if min(values) < 0:
        raise ValueError(f"bars show values from 0 on, found {min(values)}")
    left = min(300, 20 + LETTER * max(map(len, groups)))
    axis = fit([0.0, *values], left, WIDTH - left - 70, log=False, widen=True)
    told = f"{x} of {', '.join(groups)}; series: {', '.join(names)}."
    parts = list(_ruler(axis, top - 4, height - BOTTOM, x))
    if len(names) > 1:
        parts += _keys(names, left)
    place = float(top)
    for label, mine in groups.items():
        parts += _group(label, mine, names, axis, place)
        place += len(mine) * BAR + GAP
    return _svg(name, title, told, height, parts)


def stacks(
    title: str, groups: Mapping[str, Mapping[str, float]], *, x: str, name: str = "plot"
) -> str:
    """Draw a bar a group whose series, which are parts of a whole, stand behind one another."""
    names = list(dict.fromkeys(key for mine in groups.values() for key in mine))
    if not names:
        return _svg(name, title, "Nothing to show.", TOP + BOTTOM, ())
    left = min(300, 20 + LETTER * max(map(len, groups)))
    columns = max(1, int((WIDTH - left) // KEY))
    top = TOP + LINE * -(-len(names) // columns) + GAP
    height = top + BOTTOM + len(groups) * (STACK + GAP)
    axis = fit([0.0, 1.0], left, WIDTH - left - 30, log=False, widen=False)
    told = f"{x} of {', '.join(groups)}; series: {', '.join(names)}."
    parts = list(_ruler(axis, top - 4, height - BOTTOM, x))
    for number, key in enumerate(names):
        across, down = left + KEY * (number % columns), TOP + LINE * (number // columns)
        parts += [_box(across, down - 6, 12, key, number)]
        parts += [_text(across + 18, down + 4, key, "tick", "start")]
    for row, (label, mine) in enumerate(groups.items()):
        y = top + row * (STACK + GAP)
        parts.append(_text(left - 8, y + STACK / 2 + 4, label, "tick", "end"))
        parts += _stack(label, mine, names, axis, y)
    return _svg(name, title, told, height, parts)


# --- parts ------------------------------------------------------------------------------------


def _svg(name: str, title: str, told: str, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc">'
    )
    words = (
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(told)}</desc>'
    )
    return "\n".join([head, words, *parts, "</svg>"])


def _grid(across: Axis, up: Axis, x: str, y: str) -> Iterator[str]:
    """Lines at the ticks of both axes, with their numbers, and what the axes are."""
    right, floor = across.start + across.length, up.start
    yield from _ruler(across, TOP, floor, x)
    for tick in up.ticks():
        place = up.at(tick)
        yield _line(across.start, place, right, place, "grid")
        yield _text(across.start - 8, place + 4, on_axis(tick), "tick", "end")
    middle = up.start + up.length / 2
    turn = f'transform="rotate(-90 14 {middle:g})"'
    yield _text(14, middle, y, "axis", "middle", turn)


def _ruler(axis: Axis, top: float, floor: float, told: str) -> Iterator[str]:
    for tick in axis.ticks():
        place = axis.at(tick)
        yield _line(place, top, place, floor, "grid")
        yield _text(place, floor + 16, on_axis(tick), "tick", "middle")
    yield _text(axis.start + axis.length / 2, floor + 38, told, "axis", "middle")


def _curve(
    number: int, key: str, points: Sequence[tuple[float, float]], across: Axis, up: Axis
) -> Iterator[str]:
    placed = [(across.at(a), up.at(b)) for a, b in points]
    path = " ".join(f"{a:g},{b:g}" for a, b in placed)
    yield f'<polyline points="{path}" {_stroke(number)}/>'
    for (a, b), (x, y) in zip(points, placed, strict=True):
        yield _mark(number, x, y, f"{key}: {shown(a)}, {shown(b)}")


def _legend(points: Mapping[str, object]) -> Iterator[str]:
    left = WIDTH - LEGEND + 14
    for number, key in enumerate(points):
        place = TOP + 8 + number * LINE
        yield f'<line x1="{left}" y1="{place}" x2="{left + 24}" y2="{place}" {_stroke(number)}/>'
        yield _mark(number, left + 12, place, key)
        yield _text(left + 30, place + 4, key, "tick", "start")


def _keys(names: Sequence[str], left: float) -> Iterator[str]:
    for number, key in enumerate(names):
        place = TOP + number * LINE
        yield _box(left, place - 6, 12, key, number)
        yield _text(left + 20, place + 4, key, "tick", "start")


def _group(
    label: str,
    mine: Mapping[str, float | None],
    names: Sequence[str],
    axis: Axis,
    top: float,
) -> Iterator[str]:
    middle = top + len(mine) * BAR / 2
    yield _text(axis.start - 8, middle + 4, label, "tick", "end")
    for place, key in enumerate(mine):
        if math.isnan(value := _number(mine[key])):
            continue
        y, end = top + place * BAR, axis.at(value)
        told = f"{label}, {key}: {shown(value)}"
        yield _box(axis.start, y + 1, max(0.5, end - axis.start), told, names.index(key))
        yield _text(end + 5, y + 10, shown(value), "tick", "start")


def _stack(
    label: str, mine: Mapping[str, float], names: Sequence[str], axis: Axis, y: float
) -> Iterator[str]:
    done = 0.0
    for key in names:
        if not (value := _number(mine.get(key))) > 0:
            continue
        start, end = axis.at(min(done, 1.0)), axis.at(min(done + value, 1.0))
        number = names.index(key)
        told = f"{label}, {key}: {value:.1%}"
        yield _box(start, y, max(0.0, end - start - 0.7), told, number, STACK)
        if end - start > ROOM:
            yield (
                f'<text x="{(start + end) / 2:g}" y="{y + STACK / 2 + 4:g}" text-anchor="middle" '
                f'style="fill:#fff" pointer-events="none">{value:.0%}</text>'
            )
        done += value


def _stroke(number: int) -> str:
    dash = DASHES[number // len(COLOURS) % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'fill="none" stroke="{_colour(number)}" stroke-width="2"{dashed}'


def _mark(number: int, x: float, y: float, told: str) -> str:
    """A mark of a shape that repeats with another period than the colours."""
    colour, tip = _colour(number), f"<title>{escape(told)}</title>"
    if number % 3 == 0:
        return f'<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="{colour}">{tip}</circle>'
    corners = (
        ((-3, -3), (3, -3), (3, 3), (-3, 3)) if number % 3 == 1 else ((0, -5), (4, 3), (-4, 3))
    )
    path = " ".join(f"{x + a:g},{y + b:g}" for a, b in corners)
    return f'<polygon points="{path}" fill="{colour}">{tip}</polygon>'


def _box(x: float, y: float, width: float, told: str, number: int, height: float = BAR - 2) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        f' fill="{_colour(number)}"><title>{escape(told)}</title></rect>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}"/>'


def _text(x: float, y: float, words: str, kind: str, anchor: str, more: str = "") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}"'
        f"{' ' * bool(more)}{more}>{escape(words)}</text>"
    )


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _finite(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [point for point in points if all(map(math.isfinite, point))]


def _number(value: float | None) -> float:
    """A value, or NaN where there is none to show."""
    return value if value is not None and math.isfinite(value) else math.nan
