"""Scores in a run: the classifiers and tables that decide takes, and what they drop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from gamayun_data import _core
from gamayun_data.errors import ConfigError, FormatError, GamayunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gamayun_data.recipe import Recipe
    from gamayun_data.scoring_recipe import Scorer

FORMAT: Final = "gamayun-data quality classifier 1"
POSITIVE: Final = "positive"
Words = Literal["spaces", "segmented"]


def described(path: str | Path) -> dict[str, Any]:
    """What is written beside a classifier; nothing beside one of another tool."""
    beside = Path(path).with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        said: Any = json.loads(beside.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{beside}: not JSON: {error}", path=str(beside)) from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise FormatError(f"{beside}: not {FORMAT!r}", path=str(beside))
    found: dict[str, Any] = said
    return found


def scorer(path: str | Path, label: str | None) -> tuple[str, str | None, Words, dict[str, Any]]:
    """How a model scores: label, language of the segmenter, words, and what stands beside it."""
    said = described(path)
    words: Words = said.get("words", "spaces")
    words_of = said.get("language") if words == "segmented" else None
    return label or said.get("label", POSITIVE), words_of, words, said


def check_files(asked: Recipe) -> None:
    """Refuse classifiers and scores that cannot be used, before any work."""
    for one in asked.quality.scorers:
        try:
            label, words_of, _, _ = scorer(one.model, one.label)
            _core.Scorer.open(one.model, label=label, words_of=words_of)
        except (GamayunError, OSError) as error:
            raise ConfigError(
                f"quality.scorers: {one.name}: cannot be used: {error}", parameter="quality.scorers"
            ) from error
    if asked.quality.scores and not Path(asked.quality.scores).is_file():
        raise ConfigError(
            f"quality.scores: {asked.quality.scores}: no such file", parameter="quality.scores"
        )


def identity(asked: Recipe) -> dict[str, Any]:
    """What decides the scores, by content; empty if nothing is scored."""
    said = asked.quality.said()
    if said is None:
        return {}
    models = [_core.file_sha256(one.model) for one in asked.quality.scorers]
    beside = [described(one.model).get("words") for one in asked.quality.scorers]
    scores = asked.quality.scores and _core.file_sha256(asked.quality.scores)
    return {"quality": {**said, "models": models, "words": beside, "scores": scores}}


def score(
    run: Path,
    asked: Recipe,
    decided: dict[str, Any],
    *,
    threads: int,
    memory: int,
    on_progress: Callable[[int, int, int, int], None] | None,
) -> dict[str, Any]:
    """Score what decide let through, and put what that drops into its counts."""
    if not asked.quality.wanted:
        return decided
    quality = asked.quality
    found = json.loads(
        _core.score_run(
            run,
            [_taken(one) for one in quality.scorers],
            external=(quality.scores, []) if quality.scores else None,
            combine=quality.combine,
            minimum=dict(quality.min),
            keep=dict(quality.keep),
            threads=threads,
            memory=memory,
            on_progress=on_progress,
        )
    )
    for language, reasons in found["dropped_by_language"].items():
        verdicts = decided["verdicts"].setdefault(language, {})
        for reason, count in reasons.items():
            verdicts["kept"] -= count
            verdicts[f"quality/{reason}"] = count
            decided["passed"] -= count
    decided["passed_bytes"] -= found["dropped_bytes"]
    return {**decided, "quality": found}


def _taken(one: Scorer) -> tuple[str, str, str, str | None, set[str] | None]:
    label, words_of, _, _ = scorer(one.model, one.label)
    return one.name, one.model, label, words_of, set(one.languages) or None
