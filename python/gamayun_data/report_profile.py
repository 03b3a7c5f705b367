"""Profiles as tables: what is shipped, how thresholds were found, what rules drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamayun_data.report import table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gamayun_data.rule_profiles import FittedProfile, ProfileTrial, ShownProfile, TriedLanguage


def shown_profile(console: Console, result: ShownProfile) -> None:
    """The profile as its file says it."""
    console.print(result.toml, highlight=False, markup=False, soft_wrap=True, end="")


def shown_profiles(console: Console, result: Sequence[ShownProfile]) -> None:
    """A line for each profile."""
    table = table_of("Shipped profiles", ["profile", "language", "source"], [])
    for one in result:
        table.add_row(one.name, one.language or "any", one.source)
    console.print(table)


def fitted_profile(console: Console, result: FittedProfile) -> None:
    """Each threshold with its rule, the stop words, and what the profile drops."""
    title = f"Profile {result.language}, {result.documents:,} documents, method {result.method}"
    table = table_of(title, ["threshold", "how it was found"], ["before", "now", "% cut"])
    cut = _alone(result.reference)
    for one in result.thresholds:
        share = cut.get(one.reason, 0.0)
        table.add_row(one.parameter, one.rule, f"{one.base:g}", f"{one.value:g}", f"{share:.2f}")
    console.print(table)
    words = ", ".join(f"{word} {100 * share:.0f}" for word, share in result.stop_words)
    console.print(f"stop words, % of documents: {words or 'none is common enough'}", markup=False)
    for name, trial in (("the reference", result.reference), ("the other text", result.against)):
        if trial is not None:
            _trial(console, f"What it drops of {name}", trial)
    if result.path is None:
        console.print("\n" + result.toml, highlight=False, markup=False, soft_wrap=True, end="")
    else:
        console.print(f"written: {result.path}", markup=False, highlight=False)


def profile_trial(console: Console, result: ProfileTrial) -> None:
    """What each rule drops, language by language, with examples."""
    _trial(console, f"What {result.profile} drops", result)
    for language in result.languages:
        for rule in language.rules:
            for one in rule.examples:
                told = f"{language.language}: {rule.reason}: {one.id}: {one.measurement} "
                told += f"{one.value:.4g} against {one.threshold:g}: {one.text!r}"
                console.print(told, markup=False, highlight=False, soft_wrap=True)


def _trial(console: Console, title: str, result: ProfileTrial) -> None:
    columns = ["dropped", "% dropped", "alone", "% alone"]
    table = table_of(title, ["language", "reason"], columns)
    for language in result.languages:
        _rows(table.add_row, language)
    console.print(table)
    console.print("dropped: the first rule to drop it; alone: were it the only rule")


def _rows(add_row: object, language: TriedLanguage) -> None:
    def row(reason: str, first: int, alone: str, share: str) -> None:
        percent = 100 * first / max(language.documents, 1)
        add_row(language.language, reason, f"{first:,}", f"{percent:.2f}", alone, share)  # type: ignore[operator]

    for rule in language.rules:
        share = 100 * rule.alone / max(language.documents, 1)
        row(rule.reason, rule.first, f"{rule.alone:,}", f"{share:.2f}")
    row("kept", language.kept, "", "")


def _alone(trial: ProfileTrial) -> dict[str, float]:
    """Per reason, the percentage of all documents that its rule would drop alone."""
    documents = max(sum(language.documents for language in trial.languages), 1)
    found: dict[str, int] = {}
    for language in trial.languages:
        for rule in language.rules:
            found[rule.reason] = found.get(rule.reason, 0) + rule.alone
    return {reason: 100 * count / documents for reason, count in found.items()}
