"""The commands of profiles: list, show, fit, try."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gamayun_data.options import JSON, THREADS
from gamayun_data.terminal import guarded, shown_progress, tell, verbs

Command = Callable[..., Any]


def files(name: str, *, required: bool = False, told: str) -> Callable[[Command], Command]:
    """An option that names files and may be given again."""
    return click.option(name, multiple=True, required=required, metavar="FILES", help=told)


@click.group()
def profile() -> None:
    """Rules and thresholds by language: shipped, your own, fitted to your text."""


@profile.command("list")
@JSON
@guarded
def profile_list(*, as_json: bool) -> None:
    """The shipped profiles, and where their values come from."""
    found = verbs("rule_profiles").list_profiles()
    tell(found, "shown_profiles", as_json=as_json, module="report_profile")


@profile.command("show")
@click.argument("name", metavar="NAME|FILE")
@JSON
@guarded
def profile_show(name: str, *, as_json: bool) -> None:
    """A profile as TOML: a shipped one, or a file."""
    found = verbs("rule_profiles").show_profile(name)
    tell(found, "shown_profile", as_json=as_json, module="report_profile")


@profile.command("fit")
@files("--reference", required=True, told="Good text of the language.")
@click.option("--lang", required=True, metavar="XX", help="The language, ISO 639-1.")
@files("--against", told="Other text, to see what would be dropped of it.")
@files("--english", told="English text, for quantile and mean-std.")
@click.option("--base", default="default", show_default=True, help="Profile to start from.")
@click.option(
    "--method",
    type=click.Choice(("tail", "quantile", "mean-std")),
    default="tail",
    show_default=True,
    help="How a threshold follows from the reference.",
)
@click.option(
    "--tail",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.01,
    show_default=True,
    help="Share of the reference that each rule may cut.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The profile."
)
@THREADS
@JSON
@guarded
def profile_fit(*, as_json: bool, **options: object) -> None:
    """Thresholds and stop words from reference text, each with the rule that gave it.

    FILES are files, folders or globs of JSON Lines, Parquet or text; options that name them may be
    given again. A recipe names the profile as rules = "FILE" of a source.
    """
    with shown_progress() as progress:
        found = verbs("rule_profiles").fit_profile(progress=progress, **options)
    tell(found, "fitted_profile", as_json=as_json, module="report_profile")


@profile.command("try")
@click.argument("name", metavar="NAME|FILE|auto")
@click.argument("files", nargs=-1, required=True)
@click.option("--lang", default="und", metavar="XX", help="Of documents that do not say theirs.")
@click.option(
    "--examples", type=click.IntRange(0), default=2, show_default=True, help="Of each rule."
)
@THREADS
@JSON
@guarded
def profile_try(name: str, files: tuple[str, ...], *, as_json: bool, **options: object) -> None:
    """What each rule of a profile drops of FILES, by language, with examples.

    auto: each document is judged by the shipped profile of its language, which is its field
    language or lang, or --lang.
    """
    with shown_progress() as progress:
        asked = None if name == "auto" else name
        found = verbs("rule_profiles").try_profile(asked, files, progress=progress, **options)
    tell(found, "profile_trial", as_json=as_json, module="report_profile")


@profile.command("noise")
@click.argument("rules", metavar="NAME|FILE|auto|language+junk")
@click.argument("files", nargs=-1, required=True)
@click.option("--langs", default="", metavar="LIST", help="Wanted; else those of the good texts.")
@click.option(
    "--lid-model",
    metavar="FILE",
    help="A file, a bundled one by its name, or labelled: as each text says. Default: lid.176.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.3,
    show_default=True,
    help="Languages of less probability are not trusted.",
)
@click.option("--no-repair", is_flag=True, help="Judge texts as they are.")
@click.option(
    "--segments",
    default="foreign,mixed",
    show_default=True,
    metavar="LIST",
    help="Drop foreign paragraphs (foreign), documents of several languages (mixed), or none.",
)
@click.option(
    "--examples", type=click.IntRange(0), default=0, show_default=True, help="Of each cell."
)
@THREADS
@JSON
@guarded
def profile_noise(rules: str, files: tuple[str, ...], *, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """What becomes of labelled junk in FILES: dropped, repaired, passed, by kind and language.

    Records say their kind (clean: good text), their lang and, if known, the text before: clean.
    """
    options["langs"] = [code for code in options["langs"].split(",") if code]
    options["segments"] = [name for name in options["segments"].split(",") if name != "none"]
    options |= {"repairs": ()} if options.pop("no_repair") else {}
    with shown_progress() as progress:
        asked = None if rules == "auto" else rules
        found = verbs("noise").try_noise(asked, files, progress=progress, **options)
    tell(found, "noise_trial", as_json=as_json, module="report_noise")
