"""Policies of a mixture: how a share is split among the pools that have it in common.

A policy is one function from members and an amount to weights, and one entry in `REGISTRY`, from
which the recipe, the help and the documentation are made. Weights need not sum to anything: the
planner splits the share in proportion to them, exactly. A group is an anchored domain, what an
anchored language has outside such domains, or all pools that no anchor speaks of.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gamayun_data import schema
from gamayun_data.errors import ConfigError
from gamayun_data.quality_curve import REPEATS, curves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

TEMPERATURE: Final = 3.0

DIGITS: Final = Context(prec=30)
"""Powers are taken in decimals, which are the same on every machine; a libm's last bit is not."""

SCALE: Final = 2**96
"""Weights are whole numbers of this part, so that they add up fast and exactly."""


class Member(NamedTuple):
    """A pool as a policy sees it: its size, and the room its epoch cap leaves, in one unit."""

    name: str
    language: str
    domain: str
    bucket: int | None
    size: int
    room: int


BILLION: Final = 10**9
"""The rates of a curve are given to nine decimals."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy by name, with the parameters that the recipe gives it."""

    name: str = "natural"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def entry(self) -> Entry:
        """What the registry says of it."""
        return REGISTRY[self.name]

    def written(self) -> dict[str, Any]:
        """The table that a recipe would have for it."""
        return {"name": self.name, **self.parameters}

    def split(self, members: Sequence[Member], amount: Fraction) -> list[int]:
        """The weight of each member when they share `amount`, which is in their unit."""
        return self.entry().split(members, amount, self.parameters)


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy in the registry.

    `parameters` are its keys in the recipe with the check of each, `told` what each means. A policy
    that `has_anchors` splits the groups that anchors leave; one that has none settles every share.
    One that `knows_budget` needs the budget in the unit of the shares.
    """

    summary: str
    split: Callable[[Sequence[Member], Fraction, Mapping[str, Any]], list[int]]
    example: str
    parameters: Mapping[str, schema.Check] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    has_anchors: bool = True
    knows_budget: bool = False


def natural(
    members: Sequence[Member], amount: Fraction, parameters: Mapping[str, Any]
) -> list[int]:
    """Each pool in proportion to its size."""
    del amount, parameters
    return [member.size for member in members]


def temperature(
    members: Sequence[Member], amount: Fraction, parameters: Mapping[str, Any]
) -> list[int]:
    """Languages in proportion to size^(1/T); the pools of a language in proportion to size."""
    del amount
    power = 1 / Decimal(str(parameters.get("temperature", TEMPERATURE)))
    sizes = _sums(members, lambda member: member.size)
    raised = {name: _raised(size, power) for name, size in sizes.items()}
    return [
        raised[one.language] * one.size // sizes[one.language] if one.size else 0 for one in members
    ]


def unimax(members: Sequence[Member], amount: Fraction, parameters: Mapping[str, Any]) -> list[int]:
    """Languages as equal as the epoch caps allow (Chung et al. 2023, arXiv 2304.09151).

    The most uniform shares of which none passes the room of its language. Where all rooms together
    are too small every pool gets a share in proportion to its room, which the planner refuses.
    """
    del parameters
    rooms = _sums(members, lambda member: member.room)
    if amount >= sum(rooms.values()):
        return [member.room for member in members]
    grid = {name: room * SCALE for name, room in rooms.items()}
    whole = amount.numerator * SCALE // amount.denominator
    levels = filled(grid, dict.fromkeys(rooms, 1), whole)
    weights: dict[str, int] = {}
    for language, mine in _by(members, lambda member: member.language).items():
        weights |= filled(
            {member.name: member.room * SCALE for member in mine},
            {member.name: member.size for member in mine},
            levels[language],
        )
    return [weights[member.name] for member in members]


def filled(rooms: Mapping[str, int], sizes: Mapping[str, int], amount: int) -> dict[str, int]:
    """Pour an amount into rooms, each rising in proportion to its size until it is full.

    >>> filled({"a": 10, "b": 100, "c": 1000}, {"a": 1, "b": 1, "c": 1}, 300)
    {'a': 10, 'b': 100, 'c': 190}
    """
    taken = dict.fromkeys(rooms, 0)
    # Times 2^64: the order of the fractions, by whole numbers.
    fullness = {name: (rooms[name] << 64) // size for name, size in sizes.items() if size}
    left, total = amount, sum(sizes.values())
    for name in sorted(fullness, key=lambda name: (fullness[name], name)):
        taken[name] = min(rooms[name], left * sizes[name] // total)
        left -= taken[name]
        total -= sizes[name]
    return taken


def quality(
    members: Sequence[Member], amount: Fraction, parameters: Mapping[str, Any]
) -> list[int]:
    """Better buckets more often: a rising curve over the buckets of each language and domain.

    The curve is that of OLMo 3 (`quality_curve`). Languages and domains among each other are
    natural.
    """
    total = sum(member.size for member in members)
    mean = float(amount / total) if total else 0.0
    groups = list(_by(members, lambda member: (member.language, member.domain)).values())
    for mine in groups:
        mine.sort(key=lambda member: (member.bucket or 0, member.name))
    weights: dict[str, int] = {}
    for mine, rates in zip(groups, _rates(groups, mean, parameters), strict=True):
        read = [round(rate * BILLION) * one.size for one, rate in zip(mine, rates, strict=True)]
        whole, size = sum(read), sum(member.size for member in mine)
        for one, part in zip(mine, read, strict=True):
            weights[one.name] = part * size * SCALE // whole if whole else 0
    return [weights[member.name] for member in members]


def _rates(
    groups: Sequence[Sequence[Member]], mean: float, parameters: Mapping[str, Any]
) -> list[list[float]]:
    """The rates of the buckets of groups: the best is read no more than its epoch cap leaves.

    Where that is less than all together need, all are read alike, and the planner refuses.
    """
    repeats = parameters.get("repeats", REPEATS)
    shape = {key: one for key, one in parameters.items() if key != "repeats"}
    rates = [[mean] * len(mine) for mine in groups]
    curved: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, mine in enumerate(groups):
        left = mine[-1].room / mine[-1].size
        if not left < mean <= repeats:
            limit = repeats if mean > repeats else min(repeats, left)
            curved[len(mine)].append((number, limit))
    for asked in curved.values():
        sizes = [[one.size for one in groups[number]] for number, _ in asked]
        found = curves(sizes, mean, [limit for _, limit in asked], **shape).tolist()
        for (number, _), mine_rates in zip(asked, found, strict=True):
            rates[number] = mine_rates
    return rates


def fixed(members: Sequence[Member], amount: Fraction, parameters: Mapping[str, Any]) -> list[int]:
    """The weights that are written down, by name of pool; the others get nothing."""
    del amount
    given = {name: Fraction(str(weight)) for name, weight in parameters["weights"].items()}
    scale = math.lcm(*(weight.denominator for weight in given.values()))
    return [int(given.get(member.name, Fraction()) * scale) for member in members]


def _by(members: Iterable[Member], key: Callable[[Member], Any]) -> dict[Any, list[Member]]:
    groups: defaultdict[Any, list[Member]] = defaultdict(list)
    for member in members:
        groups[key(member)].append(member)
    return {name: groups[name] for name in sorted(groups)}


def _sums(members: Iterable[Member], value: Callable[[Member], int]) -> dict[str, int]:
    """The sum of a value over the members of each language, by name."""
    groups = _by(members, lambda member: member.language)
    return {name: sum(map(value, mine)) for name, mine in groups.items()}


@cache
def _raised(size: int, power: Decimal) -> int:
    if not size:
        return 0
    return int(DIGITS.multiply(DIGITS.power(Decimal(size), power), Decimal(SCALE)))


REGISTRY: Final[Mapping[str, Entry]] = {
    "natural": Entry(
        "each pool in proportion to its size",
        natural,
        'policy = "natural"',
    ),
    "temperature": Entry(
        "languages in proportion to size^(1/T): T = 1 is natural, a large T near uniform",
        temperature,
        'policy = { name = "temperature", temperature = 3.0 }',
        {"temperature": schema.number(0, above=True)},
        {"temperature": f"T; {TEMPERATURE:g} without this key"},
    ),
    "unimax": Entry(
        "languages as equal as the epoch caps allow, by what is left of each pool",
        unimax,
        'policy = "unimax"',
        knows_budget=True,
    ),
    "quality": Entry(
        "better buckets more often, on a rising curve whose top bucket is capped",
        quality,
        'policy = { name = "quality", repeats = 7.0, cut = 0.4 }',
        {
            "repeats": schema.number(0, above=True),
            "cut": schema.number(0, 0.99),
            "power": schema.number(0, 20),
            "growth": schema.number(0, 20),
        },
        {
            "repeats": "the most epochs of the top bucket in this stage; 7 without this key",
            "cut": "the share of the worst text that is left out; 0.4 without this key",
            "power": "p of the curve x^p e^(gx); 1 without this key",
            "growth": "g of the curve; 1 without this key",
        },
        knows_budget=True,
    ),
    "weights": Entry(
        "the shares of pools as they are written, which must sum to 1",
        fixed,
        'policy = { name = "weights", weights = { en-web = 0.7, ru-web = 0.3 } }',
        {
            "weights": schema.mapping_of(schema.text, schema.number(0)),
            "normalise": schema.truth,
        },
        {
            "weights": "the share of each pool",
            "normalise": "divide by their sum, and leave out pools that do not exist; "
            "the lint says by how much every share grows",
        },
        has_anchors=False,
    ),
}


def check(value: object, where: str) -> Policy:
    """A policy as a recipe writes it: a name, or a table with a name and parameters."""
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        schema.refuse(where, 'a name such as "unimax", or a table with a `name`', value)
    name = given["name"]
    if name not in REGISTRY:
        hint = schema.nearest(name, REGISTRY)
        raise ConfigError(f"{where}: no policy is named {name!r}{hint}", parameter=where)
    rest = {key: one for key, one in given.items() if key != "name"}
    required = ("weights",) if name == "weights" else ()
    return Policy(name, schema.fields(rest, where, REGISTRY[name].parameters, required))


def weight_sum(policy: Policy) -> Fraction | None:
    """What the weights that are written down sum to; `None` where none are."""
    given: Mapping[str, float] | None = policy.parameters.get("weights")
    if given is None:
        return None
    return sum((Fraction(str(weight)) for weight in given.values()), Fraction())
