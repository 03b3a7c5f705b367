"""What people read: tables that fit, and progress with and without a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from gamayun_data import mix, progress, report, results
from gamayun_data.recipe import Stage, presets

LANGUAGES = (*presets()["twelve"], "code", "other")


def printed(show: str, result: object, width: int = 80) -> str:
    out = io.StringIO()
    getattr(report, show)(Console(file=out, width=width), result)
    return out.getvalue()


def curated(scale: int = 1) -> results.CurationResult:
    dropped = {"language.below_threshold": 5, "rules.line_punct_ratio": 20, "dedup.near": 15}
    rows = tuple(
        results.LanguageRow(
            language, 100 * scale, {k: v * scale for k, v in dropped.items()}, 60 * scale, 9**8, 7
        )
        for language in LANGUAGES
    )
    return results.CurationResult(
        run="RUN",
        languages=rows,
        read=1400 * scale,
        kept=840 * scale,
        dropped=560 * scale,
        unknown_tails=("a.gz",),
        thresholds={"en": 0.5},
        steps=(results.StepRow("annotate", 10.0, False, 1000, 10**9),),
    )


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("scale", [1, 700, 7_000, 10**9])
def test_the_language_table_fits_and_adds_up(width: int, scale: int) -> None:
    text = printed("curation", curated(scale), width)
    assert all(len(line) <= width for line in text.splitlines())
    assert all(f" {language} " in text for language in LANGUAGES)
    assert "…" not in text
    assert f"read {1400 * scale:,} = kept {840 * scale:,} + dropped {560 * scale:,}" in text
    assert "a.gz: ends too early; how much is lost is unknown" in text


def test_the_weights_of_rehydration_are_shown_where_there_are_some() -> None:
    assert "Rehydration" not in printed("curation", curated())
    weights = {"de": {1: 1}, "en": {1: 1, 2: 2, 1000: 3}}
    lines = printed("curation", replace(curated(), rehydration=weights)).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Rehydration"))
    rows = [
        line.split(maxsplit=1) for line in lines[start:] if line.split()[:1] in (["de"], ["en"])
    ]
    assert [(name, shown.strip()) for name, shown in rows] == [
        ("de", "1: 1"),
        ("en", "1: 1, 2: 2, 1,000: 3"),
    ]


def test_reasons_stand_under_their_steps() -> None:
    lines = printed("curation", curated()).splitlines()
    start = lines.index(next(line for line in lines if line.startswith("Dropped by reason")))
    rows = [line.split() for line in lines[start + 4 :] if line.strip()][:3]
    assert [row[:3] for row in rows] == [
        ["language", "below_threshold", "70"],
        ["rules", "line_punct_ratio", "280"],
        ["dedup", "near", "210"],
    ]


def plan() -> mix.Plan:
    pools = [
        mix.Pool(f"{language}-{domain}", language, domain, 1000, 10**8, 4 * 10**8, 10**5)
        for language in presets()["twelve"]
        for domain in ("web", "code")
    ]
    stages = [
        Stage("one", 30_000_000, 4096, {"en": 0.37}, {"code": 0.05}),
        Stage("two", 90_000, 4096, {"en": 0.7}, {"code": 0.1}),
    ]
    return replace(mix.plan(pools, stages, exact=False), needs=mix.Needs(10**9, 75.0, 300, 10**6))


@pytest.mark.parametrize("width", [80, 120])
def test_the_plan_fits_and_warns(width: int) -> None:
    text = printed("plan", plan(), width)
    tables = [line for line in text.splitlines() if "warning" not in line]
    assert all(len(line) <= width for line in tables)
    assert "Stage one: 7,324 samples x 4,096 = 29,999,104 tokens" in text
    assert "0.10%" in text
    assert "warning: stage `two`: pool" in text
    flat = " ".join(text.split())
    assert "shards: 1.00 GB on disk, as much again while building; about 1 min 15 s" in flat
    assert "estimated from 300 documents (1.00 MB), ± one standard error" in flat


def test_a_drop_by_a_rule_shows_value_and_threshold() -> None:
    document = results.Explanation(
        document="0f" * 16,
        id="page[1]",
        source="web",
        language="ru",
        verdict="dropped",
        step="rules",
        reason="gopher_short_doc",
        value=31.0,
        threshold=50.0,
        scores=(("ru", 0.98), ("uk", 0.01)),
    )
    lines = printed("explanation", document).splitlines()
    assert lines[0] == ("page[1]: dropped by rules: gopher_short_doc: 31 against a threshold of 50")
    assert "  scores        ru 0.9800, uk 0.0100" in lines


def test_a_duplicate_shows_its_kept_twin() -> None:
    document = results.Explanation(
        "0f", None, "web", "ru", "dropped", "dedup", "near", kept_id="b", kept_document="1e"
    )
    twin = replace(document, similarity=0.91)
    assert printed("explanation", twin).startswith(
        "0f: dropped by dedup: near: kept is b, similarity 0.9100\n"
    )


def test_problems_are_named_by_file_and_offset() -> None:
    problems = tuple(results.Problem("a.bin", offset, "bad [x]") for offset in range(60))
    text = printed("verification", results.Verification(ok=False, problems=problems))
    assert "a.bin: offset 49: bad [x]" in text
    assert "... and 10 more" in text
    assert "not ok: 60 problems" in text


class Clock:
    """A clock that goes on by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_piped_progress_is_a_line_now_and_then() -> None:
    out, clock = io.StringIO(), Clock()
    with progress.shown(Console(file=out), clock) as tell:
        for tenth in range(11):
            tell("annotate", 10 * tenth, 100, 1000 * tenth, 10**6 * tenth)
            clock.now += 1
        tell("dedup", 0, 0, 0, 0)
    assert out.getvalue().splitlines() == [
        "annotate: 50 %, 5,000 documents, 1.00K docs/s, 1.0 MB/s, 5.0 s left",
        "annotate: 100 %, 10,000 documents, 1.00K docs/s, 1.0 MB/s, 0.0 s left",
        "annotate: done in 10.0 s, 10,000 documents, 10.0 MB, 1.00K docs/s, 1.0 MB/s",
        "dedup: done in 0.0 s",
    ]


def test_a_resumed_part_does_not_count_as_speed() -> None:
    meter = progress.Meter("a", 0.0, 0.0, (50, 500, 0), (50, 500, 0))
    meter.tell(60, 100, 600, 10**6, 10.0)
    assert meter.rates() == "10 docs/s, 0.1 MB/s"
    assert meter.left() == "40.0 s left"


def test_a_second_pass_over_the_documents_has_no_negative_speed() -> None:
    meter = progress.Meter("dedup", 0.0, 0.0, (50, 500, 0), (50, 500, 0))
    meter.tell(60, 100, 20, 10**6, 10.0)
    assert meter.rates() == "0.1 MB/s"


def test_a_long_text_is_cut() -> None:
    found = results.Explanation("00ff", "a", "web", "en", "kept", text="x" * 3000)
    text = printed("explanation", found)
    assert text.count("x") < 1010
    assert "2,000 more characters; --json" in " ".join(text.split())
    assert "more characters" not in printed("explanation", replace(found, text="x" * 1000))


def test_long_names_of_reasons_are_not_broken() -> None:
    reason = "rules.gopher_below_alpha_threshold"
    rows = tuple(results.LanguageRow(name, 9000, {reason: 4321}, 4679, 1) for name in LANGUAGES)
    result = results.CurationResult("RUN", rows, 9000 * 14, 4679 * 14, 4321 * 14)
    text = printed("curation", result)
    assert "gopher_below_alpha_threshold" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_run_that_kept_nothing_says_so() -> None:
    rows = (results.LanguageRow("en", 3, {"rules.gopher_short_doc": 3}, 0, 0),)
    assert "no document was kept" in printed(
        "curation", results.CurationResult("RUN", rows, 3, 0, 3)
    )


def test_a_step_that_fails_is_not_said_to_be_done() -> None:
    out = io.StringIO()

    def interrupted() -> None:
        with progress.shown(Console(file=out)) as tell:
            tell("annotate", 1, 2, 3, 4)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert out.getvalue() == ""


def test_a_terminal_gets_bars() -> None:
    out, clock = io.StringIO(), Clock()
    console = Console(file=out, force_terminal=True, width=100, color_system=None)
    with progress.shown(console, clock) as tell:
        tell("annotate", 0, 100, 0, 0)
        clock.now += 2
        tell("annotate", 50, 100, 5000, 10**7)
        tell("dedup", 1, 0, 10, 10)
    last = out.getvalue()
    assert "annotate" in last
    assert "done in 2.0 s, 5,000 documents, 10.0 MB, 2.50K docs/s, 5.0 MB/s" in last
    assert "dedup" in last


def test_a_dry_run_lists_its_input() -> None:
    inputs = tuple(results.InputRow("web", f"{name}.gz", 10**6) for name in "aab")
    result = replace(curated(), dry_run=True, inputs=inputs)
    text = printed("curation", result)
    assert "web         2  3.00 MB  a.gz" in text
    assert "read" not in text


def test_a_run_with_stages_shows_all_its_parts() -> None:
    training = results.TokenizerTraining(
        "RUN/tokenizer/tokenizer.json", 300, 43, 100, 20, 0, (), 0.1
    )
    built = results.BuiltPool("en-web", "train", 1, 2, 3, 1)
    build = results.BuildResult("RUN", (built,), ("one",), ("RUN/manifests/one.json",), 3, 100, 0.5)
    text = printed("curation", replace(curated(), training=training, plan=plan(), build=build))
    assert "300 tokens, 43 merges" in text
    assert "Stage one: 7,324 samples" in text
    assert "manifest of one: RUN/manifests/one.json" in text
