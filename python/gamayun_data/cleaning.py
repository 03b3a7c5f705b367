"""`[clean]` of a recipe: which repairs are made, and which private matter is replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import schema
from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gamayun_data import _core

REPAIRS: Final = ("encoding", "markup", "invisible", "homoglyphs", "hyphens", "spaced")
LINES: Final = ("boilerplate", "symbols")
PRIVATE: Final = ("email", "ip", "phone", "iban", "card", "secret")


@dataclass(frozen=True, slots=True)
class Clean:
    """What is done to texts before all else; nothing, unless it is named.

    `lines` go that belong to the page around a text, and those of the file `phrases`. Documents
    whose address (the field `url`) is on a list are dropped: files of domains, files of addresses.
    `private` matter is replaced by examples that belong to nobody. What was replaced is kept
    nowhere, unless `keep_originals` says that the table `cleaning/` of the run may hold it.
    """

    repair: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    keep_originals: bool = False
    lines: tuple[str, ...] = ()
    phrases: str | None = None
    block_domains: tuple[str, ...] = ()
    block_urls: tuple[str, ...] = ()

    @property
    def edits(self) -> bool:
        """Whether texts may be changed."""
        return bool(self.repair or self.private or self.lines or self.phrases)

    @property
    def blocks(self) -> bool:
        """Whether documents may be dropped by their addresses."""
        return bool(self.block_domains or self.block_urls)

    def at(self, place: Callable[[str | None], str | None]) -> Clean:
        """The same with its files where `place` says."""
        return replace(
            self,
            phrases=place(self.phrases),
            block_domains=tuple(str(place(path)) for path in self.block_domains),
            block_urls=tuple(str(place(path)) for path in self.block_urls),
        )

    def said(self) -> dict[str, Any] | None:
        """What changes documents, without paths; `None` if nothing does."""
        if not (self.edits or self.blocks):
            return None
        lists = {"block_domains": len(self.block_domains), "block_urls": len(self.block_urls)}
        return {**asdict(self), **lists, "phrases": self.phrases is not None}

    def identity(self) -> dict[str, Any]:
        """What changes texts, with the content of the file of phrases."""
        return {
            "repair": self.repair,
            "private": self.private,
            "keep_originals": self.keep_originals,
            "lines": self.lines,
            "phrases": _text(self.phrases),
        }


@dataclass(frozen=True, slots=True)
class Segments:
    """The languages of paragraphs, and what becomes of documents of several.

    A paragraph of fewer than `min_letters` letters is not judged. A document is mixed if at least
    the share `min_share` of what was judged is of other languages than its own.
    """

    look: bool = False
    drop_foreign: bool = False
    min_letters: int = 100
    min_share: float = 0.2
    mixed: str = "keep"

    @property
    def wanted(self) -> bool:
        """Whether paragraphs are looked at."""
        return self.look or self.drop_foreign or self.mixed == "drop"

    def params(self) -> tuple[int, float, bool] | None:
        """The same as the core takes it; `None` if paragraphs are not looked at."""
        return (self.min_letters, self.min_share, self.drop_foreign) if self.wanted else None


def _text(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text", path=path) from error


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
    "lines": _names(*LINES),
    "phrases": schema.text,
    "block_domains": schema.list_of(schema.text),
    "block_urls": schema.list_of(schema.text),
}
SEGMENTS_KEYS: Final[Mapping[str, schema.Check]] = {
    "look": schema.truth,
    "drop_foreign": schema.truth,
    "min_letters": schema.integer(20, 100_000),
    "min_share": schema.number(0, 1, above=True),
    "mixed": schema.choice("keep", "drop"),
}


SEGMENTS: Final = _names("look", "foreign", "mixed")
"""What an option says of segments: look at them, take foreign ones out, drop mixed documents."""


def segments_of(names: Sequence[str], segments: Segments | None = None) -> Segments:
    """The same segments, with exactly what is named done about them."""
    return replace(
        segments or Segments(),
        look="look" in names,
        drop_foreign="foreign" in names,
        mixed="drop" if "mixed" in names else "keep",
    )


def core_cleaner(clean: Clean) -> _core.Cleaner:
    """What cleans texts, as the core takes it; without anything named it normalises alone."""
    from gamayun_data import _core

    return _core.Cleaner(
        list(clean.repair),
        list(clean.private),
        keep_originals=clean.keep_originals,
        lines=list(clean.lines),
        phrases=_text(clean.phrases),
    )


def annotating(clean: Clean, segments: Segments) -> dict[str, Any]:
    """What cleans texts and looks at their paragraphs, as the first step of a run takes it."""
    cleaner = core_cleaner(clean) if clean.edits else None
    return {"cleaner": cleaner, "paragraphs": segments.params()}


def annotated_by(clean: Clean, segments: Segments) -> dict[str, Any]:
    """What of it changes documents, by content; empty where nothing does."""
    said: dict[str, Any] = {"clean": clean.identity()} if clean.edits else {}
    return {**said, "segments": segments.params()} if segments.wanted else said


def deciding(clean: Clean, segments: Segments) -> dict[str, Any]:
    """The lists and the share that drop documents, as the second step of a run takes them."""
    from gamayun_data import _core

    blocklist = None
    if clean.blocks:
        blocklist = _core.Blocklist(list(clean.block_domains), list(clean.block_urls))
    share = segments.min_share if segments.mixed == "drop" else None
    return {"blocklist": blocklist, "mixed_share": share}


def decided_by(clean: Clean, segments: Segments) -> dict[str, Any]:
    """The content of them; empty where there are none."""
    from gamayun_data import _core

    lists = {
        name: [_core.file_sha256(Path(path)) for path in paths]
        for name, paths in (("domains", clean.block_domains), ("urls", clean.block_urls))
    }
    said: dict[str, Any] = {"blocked": lists} if clean.blocks else {}
    return {**said, "mixed": segments.min_share} if segments.mixed == "drop" else said
