"""Profiles of rules: shown, fitted to reference text, tried on files."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from gamayun_data import _core, recipe
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import write_atomic
from gamayun_data.steps import Limits, heard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gamayun_data.progress import Progress

Method = Literal["tail", "quantile", "mean-std"]
METHODS: Final[tuple[Method, ...]] = ("tail", "quantile", "mean-std")
TAIL: Final = 0.01


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A profile: its name, its language, where its values come from, and all of it as TOML."""

    name: str
    language: str
    source: str
    toml: str


@dataclass(frozen=True, slots=True)
class FittedThreshold:
    """A threshold of a fitted profile: how it was found, and that of the profile it replaces."""

    group: str
    reason: str
    parameter: str
    value: float
    base: float
    rule: str


@dataclass(frozen=True, slots=True)
class TriedExample:
    """A document that a rule drops: its id, what was measured, and how its text begins."""

    id: str
    measurement: str
    value: float
    threshold: float
    text: str


@dataclass(frozen=True, slots=True)
class TriedRule:
    """Documents that a rule would drop alone, and those that it drops first in the profile."""

    group: str
    reason: str
    alone: int
    first: int
    examples: tuple[TriedExample, ...]


@dataclass(frozen=True, slots=True)
class TriedLanguage:
    """What a profile keeps of the documents of a language, and what each rule drops."""

    language: str
    documents: int
    kept: int
    bytes: int
    kept_bytes: int
    rules: tuple[TriedRule, ...]


@dataclass(frozen=True, slots=True)
class ProfileTrial:
    """A profile tried on files, by language."""

    profile: str
    languages: tuple[TriedLanguage, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class FittedProfile:
    """A profile fitted to reference text, what it drops of that text, and of other text."""

    language: str
    method: str
    documents: int
    thresholds: tuple[FittedThreshold, ...]
    stop_words: tuple[tuple[str, float], ...]
    reference: ProfileTrial
    against: ProfileTrial | None
    toml: str
    path: str | None


def show_profile(name: str) -> ShownProfile:
    """Read a shipped profile by its name, or one of yours by its path.

    >>> show_profile("ru").language
    'ru'
    """
    import tomllib

    text = _toml(name)
    values = tomllib.loads(text)
    source, language = values.get("source", ""), values.get("language", "")
    return ShownProfile(values.get("name", name), language, source, text)


def list_profiles() -> list[ShownProfile]:
    """All shipped profiles, in the order of their names."""
    return [show_profile(name) for name in _core.profile_names()]


def try_profile(
    profile: str | Path | None,
    files: Sequence[str | Path],
    *,
    lang: str = "und",
    examples: int = 2,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ProfileTrial:
    """Say what each rule of a profile drops of files, by language, with examples.

    `profile` is the name of a shipped one or the path of a TOML file; without it each document is
    judged by the shipped profile of its language: its field `language` or `lang`, or else `lang`.
    """
    started = time.perf_counter()
    name = "the profile of each language" if profile is None else str(profile)
    answer = _core.try_profile(
        [str(path) for path in files],
        language=lang,
        profile_toml=None if profile is None else _toml(profile),
        profile_name=name,
        examples=examples,
        threads=Limits.of(threads, None).threads,
        on_progress=heard(progress, "try"),
    )
    languages = tuple(_tried(**row) for row in json.loads(answer))
    return ProfileTrial(name, languages, round(time.perf_counter() - started, 3))


def fit_profile(
    reference: Sequence[str | Path],
    *,
    lang: str,
    against: Sequence[str | Path] = (),
    english: Sequence[str | Path] = (),
    base: str = "default",
    method: Method = "tail",
    tail: float = TAIL,
    output: str | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> FittedProfile:
    """Derive the thresholds and stop words of a language from reference text.

    `method` says how a threshold follows: `tail` cuts the share `tail` of the reference at each
    rule; `quantile` the share that the English threshold cuts of `english` text; `mean-std` puts
    it as many deviations from the mean as in `english` text. `base` names the rules and what is
    not derived. The profile is tried on the reference, and on the files of `against`.
    """
    if method != "tail" and not english:
        raise ConfigError(f"english: is missing; {method} carries English thresholds over")
    if not 0 <= tail < 1:
        raise ConfigError(f"tail: {tail}, expected a share from 0 to 1", parameter="tail")
    limits = Limits.of(threads, None)
    fitted = json.loads(
        _core.fit_profile(
            lang,
            [str(path) for path in reference],
            base=base,
            method=method,
            tail=tail,
            english=[str(path) for path in english],
            threads=limits.threads,
            on_progress=heard(progress, "fit"),
        )
    )
    trials = [
        _trial_of(lang, fitted["toml"], files, limits.threads, progress) if files else None
        for files in (reference, against)
    ]
    if output is not None:
        write_atomic(Path(output), fitted["toml"])
    return FittedProfile(
        language=lang,
        method=method if method != "tail" else f"tail {tail}",
        documents=fitted["documents"],
        thresholds=tuple(FittedThreshold(**one) for one in fitted["thresholds"]),
        stop_words=tuple((word, share) for word, share in fitted["stop_words"]),
        reference=trials[0] or ProfileTrial(lang, (), 0.0),
        against=trials[1],
        toml=fitted["toml"],
        path=None if output is None else str(output),
    )


def _trial_of(
    lang: str, toml: str, files: Sequence[str | Path], threads: int, progress: Progress | None
) -> ProfileTrial:
    started = time.perf_counter()
    answer = _core.try_profile(
        [str(path) for path in files],
        language=lang,
        profile_toml=toml,
        profile_name=lang,
        examples=1,
        threads=threads,
        on_progress=heard(progress, "try"),
    )
    languages = tuple(_tried(**row) for row in json.loads(answer))
    return ProfileTrial(lang, languages, round(time.perf_counter() - started, 3))


def _tried(rules: list[dict[str, Any]], **counts: Any) -> TriedLanguage:  # noqa: ANN401
    return TriedLanguage(rules=tuple(_tried_rule(**rule) for rule in rules), **counts)


def _tried_rule(examples: list[dict[str, Any]], **counts: Any) -> TriedRule:  # noqa: ANN401
    return TriedRule(examples=tuple(TriedExample(**one) for one in examples), **counts)


def _toml(profile: str | Path) -> str:
    """A profile as TOML: of a shipped name, or of the file at a path."""
    if not recipe.is_path(str(profile)):
        return _core.profile_toml(str(profile))
    try:
        return Path(profile).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{profile}: cannot be read: {error}", path=str(profile)) from error
