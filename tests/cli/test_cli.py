"""The command line over a pipeline that only records its calls."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from gamayun_data import cli, mix, terminal
from gamayun_data.config import config_hash, load, template
from gamayun_data.errors import ConfigError, FormatError, InputError
from gamayun_data.evaluated import (
    Evaluation,
    EvaluationRow,
    LanguageAudit,
    SeenToken,
    StageAudit,
    TokenAudit,
    TokenizerEvaluation,
)
from gamayun_data.recipe import Stage
from gamayun_data.results import (
    BuildResult,
    BuiltPool,
    CurationResult,
    Explanation,
    LanguageRow,
    Problem,
    TokenizerTraining,
    Verification,
    to_json,
)

CURATED = CurationResult(
    run="RUN",
    languages=(LanguageRow("en", 3, {"rules.gopher_short_doc": 1}, 2, 100),),
    read=3,
    kept=2,
    dropped=1,
    rejected={"invalid_json": 1},
)
PLANNED = mix.plan(
    [mix.Pool("en-web", "en", "web", 9, 9000, 36_000)], [Stage("one", 1000, 10)], exact=True
)
RESULTS = {
    "curate": CURATED,
    "train_tokenizer": TokenizerTraining(
        "RUN/tokenizer/tokenizer.json", 300, 43, 100, 20, 0, (), 0.1
    ),
    "evaluate_tokenizer": Evaluation(
        "held-out text",
        (TokenizerEvaluation("t.json", 300, (EvaluationRow("en", 1, 10, 10, 2, 4),), "t.json"),),
    ),
    "audit_tokenizer": TokenAudit(
        "RUN",
        3,
        2,
        100,
        (StageAudit("one", 9, 1, 1, 1),),
        (LanguageAudit("en", 9, 1, 1),),
        (SeenToken(0, "a", (0,)),),
        (SeenToken(1, "b", (8,), "web", 2),),
        (SeenToken(2, "<eos>", (1,)),),
        0,
    ),
    "plan": PLANNED,
    "build_shards": BuildResult(
        "RUN", (BuiltPool("en-web", "train", 1, 2, 3, 1),), ("one",), ("one.json",), 3, 100, 0.5
    ),
    "verify": Verification(ok=True, checked={"files": 3}),
    "explain": Explanation("00ff", "a", "web", "en", "kept"),
}


class Fake:
    """A pipeline whose verbs return what was prepared, or raise it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.results: dict[str, Any] = dict(RESULTS)

    def __getattr__(self, verb: str) -> Any:  # noqa: ANN401
        def call(*args: object, **options: Any) -> object:  # noqa: ANN401
            self.calls.append((verb, args, options))
            if "progress" in options:
                options["progress"]("annotate", 5, 10, 100, 1_000_000)
            result = self.results[verb]
            if isinstance(result, BaseException):
                raise result
            return result

        return call


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    pipeline = Fake()
    monkeypatch.setitem(sys.modules, "gamayun_data.pipeline", pipeline)
    return pipeline


@pytest.fixture
def run(tmp_path: Path) -> str:
    return str(tmp_path)


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    file = tmp_path / "recipe.toml"
    file.write_text(template())
    return str(file)


def invoke(*args: str) -> Result:
    return CliRunner().invoke(cli.cli, args, prog_name="gamayun-data")


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        inner = isinstance(command, click.Group)
        found += commands(command, *path, name) if inner else [(*path, name)]  # type: ignore[arg-type]
    return found


def test_the_commands_are_these() -> None:
    assert {" ".join(path) for path in commands(cli.cli)} == {
        "clean",
        "curate run",
        "curate compare",
        "curate thresholds",
        "curate verdicts",
        "curate waterfall",
        "dedup",
        "index build",
        "index merge",
        "index show",
        "tokenizer count",
        "tokenizer merge-counts",
        "tokenizer show-counts",
        "tokenizer train",
        "tokenizer eval",
        "tokenizer audit",
        "tokenizer sweep",
        "tokenizer diff",
        "tokenizer export",
        "tokenizer extend",
        "plan of",
        "plan diff",
        "manifest show",
        "language eval",
        "language score",
        "language segments",
        "language train",
        "quality eval",
        "quality score",
        "quality train",
        "profile fit",
        "profile list",
        "profile noise",
        "profile show",
        "profile try",
        "manifest diff",
        "report",
        "shards append",
        "shards export",
        "shards remove",
        "shards trace",
        "shards build",
        "verify",
        "explain",
        "recipe init",
        "recipe check",
    }


@pytest.mark.parametrize("path", commands(cli.cli), ids=" ".join)
def test_every_command_and_option_has_help(path: tuple[str, ...]) -> None:
    command: click.Command = cli.cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
    assert invoke(*path, "--help").exit_code == 0


def test_curate_passes_its_options_on(fake: Fake, tmp_path: Path) -> None:
    model = tmp_path / "m.bin"
    model.touch()
    result = invoke(
        *("curate", "a.jsonl", "b/", "-o", "RUN", "--langs", "en,ru", "--threads", "2"),
        *("--memory", "2G", "--seed", "5", "--lid-model", str(model), "--keep", "quality,id"),
        *("--rehydrate", "3"),
        *("--language-threshold", "0.6", "--language-threshold", "ru=0.7"),
        *("--text-column", "body", "--id-column", "key", "--text-unit", "line"),
        *("--format", "text", "--on-bad-record", "fail", "--max-document-bytes", "1M", "--strict"),
        *("--decontaminate", "x.jsonl", "--decontaminate", "y/", "--decontaminate-fields", "a,b"),
        *("--decontaminate-action", "annotate"),
        *("--against", "RUN1", "--against", "INDEX", "--against-action", "annotate"),
        *("--lines", "all", "--phrases", str(model), "--segments", "foreign"),
        *("--block-domains", str(model), "--block-urls", str(model)),
    )
    assert result.exit_code == 0, result.output
    verb, args, options = fake.calls[0]
    del options["progress"]
    assert (verb, args) == ("curate", (("a.jsonl", "b/"),))
    assert options == {
        "output": Path("RUN"),
        "recipe": None,
        "strict": True,
        "decontaminate": ("x.jsonl", "y/"),
        "decontaminate_fields": "a,b",
        "decontaminate_action": "annotate",
        "against": ("RUN1", "INDEX"),
        "against_action": "annotate",
        "langs": "en,ru",
        "sample": False,
        "dry_run": False,
        "until": None,
        "scores": None,
        "repair": None,
        "private": None,
        "page_lines": "all",
        "phrases": model,
        "block_domains": (str(model),),
        "block_urls": (str(model),),
        "segments": "foreign",
        "threads": 2,
        "memory": 2 * 2**30,
        "seed": 5,
        "lid_model": model,
        "language_threshold": {"*": 0.6, "ru": 0.7},
        "text_column": "body",
        "id_column": "key",
        "text_unit": "line",
        "format": "text",
        "keep": "quality,id",
        "rehydrate": "3",
        "on_bad_record": "fail",
        "max_document_bytes": 2**20,
    }


def test_a_default_command_goes_by_its_name_too(fake: Fake) -> None:
    assert invoke("curate", "run", "a.jsonl", "-o", "RUN").exit_code == 0
    assert fake.calls[-1][:2] == ("curate", (("a.jsonl",),))


def test_what_is_not_given_is_none(fake: Fake) -> None:
    assert invoke("curate", "--sample", "-o", "RUN").exit_code == 0
    options = fake.calls[0][2]
    given = {name for name, value in options.items() if value not in (None, False)}
    assert given == {"output", "sample", "progress"}


def test_tokenizer_train_passes_its_options_on(fake: Fake, run: str, recipe: str) -> None:
    result = invoke(
        *("tokenizer", "train", run, "--recipe", recipe, "--vocab-size", "1000"),
        *("--split", "o200k", "--weights", "ru=2,de=1.5", "--min-frequency", "3"),
        *("--special-token", "<eos>", "--special-token", "<pad>", "--reserved", "2"),
        *("--memory", "1GB"),
    )
    assert result.exit_code == 0, result.output
    options = fake.calls[0][2]
    del options["progress"]
    assert options == {
        "recipe": Path(recipe),
        "vocab_size": 1000,
        "split": "o200k",
        "weights": {"ru": 2.0, "de": 1.5},
        "special_tokens": ("<eos>", "<pad>"),
        "reserved": 2,
        "min_frequency": 3,
        "max_token_length": None,
        "min_pretoken_count": None,
        "threads": None,
        "memory": 10**9,
    }


def cases(run: str, recipe: str) -> list[tuple[str, ...]]:
    return [
        ("curate", "--sample", "-o", "RUN"),
        ("tokenizer", "train", run),
        ("tokenizer", "eval", run),
        ("tokenizer", "audit", run),
        ("plan", run, "--recipe", recipe),
        ("shards", "build", run, "--recipe", recipe),
        ("verify", run),
        ("explain", run, "a"),
    ]


def test_json_on_stdout_is_the_result_and_nothing_else(fake: Fake, run: str, recipe: str) -> None:
    for args, expected in zip(cases(run, recipe), RESULTS.values(), strict=True):
        result = invoke(*args, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout) == to_json(expected)
        assert "\x1b" not in result.output
    assert len(fake.calls) == len(RESULTS)


def test_tables_are_on_stdout_and_talk_on_stderr(fake: Fake, run: str, recipe: str) -> None:
    for args in cases(run, recipe):
        result = invoke(*args)
        assert result.exit_code == 0, result.output
        assert result.stdout
        assert all(len(line) <= 80 for line in result.stdout.splitlines() if ".json" not in line)
    result = invoke("curate", "--sample", "-o", "RUN")
    assert "read 3 = kept 2 + dropped 1 documents" in result.stdout
    assert "rejected 1 records (invalid_json 1): RUN/rejected.jsonl" in result.stdout
    assert "annotate: done in 0.0 s, 100 documents, 1.00 MB" in result.stderr
    assert "documents: RUN/selection/*.parquet" in result.stderr
    assert fake.calls


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("curate", "-o", "RUN"), "nothing to read: name SOURCES, a --recipe with some, or --sam"),
        (("curate", "x"), "Missing option '-o'"),
        (("curate", "x", "-o", "R", "--thread", "2"), "No such option"),
        (("curate", "x", "-o", "R", "--threads", "0"), "0 is not in the range"),
        (("curate", "x", "-o", "R", "--memory", "16X"), "expected a number of bytes such as"),
        (("curate", "x", "-o", "R", "--language-threshold", "ru="), "expected NAME=NUMBER, found"),
        (("curate", "x", "-o", "R", "--format", "csv"), "'csv' is not one of"),
        (("curate", "x", "-o", "R", "--recipe", "absent.toml"), "'absent.toml' does not exist"),
        (("verify", "absent"), "'absent' does not exist"),
        (("tokenizer", "train", ".", "--split", "gpt5"), "found 'gpt5'"),
        (("tokenizer", "train", ".", "--weights", "=2"), "expected NAME=NUMBER, found '=2'"),
        (("plan", "."), "Missing option '--recipe'"),
        (("frobnicate",), "No such command 'frobnicate'"),
    ],
)
def test_wrong_usage_is_exit_code_2(fake: Fake, args: tuple[str, ...], message: str) -> None:
    result = invoke(*args)
    assert result.exit_code == 2
    assert message in result.stderr.replace("\n", " ")
    assert not result.stdout
    assert not fake.calls


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ConfigError("RUN: belongs to another run"), 2, "error: RUN: belongs to another run\n"),
        (InputError("a.gz: truncated", path="a.gz"), 1, "error: a.gz: truncated\n"),
        (FormatError("b.bin: bad magic", offset=0), 1, "error: b.bin: bad magic\n"),
        (OSError(28, "No space left on device", "RUN/x"), 1, "error: RUN/x: No space left on d"),
        (KeyboardInterrupt(), 130, "interrupted; the same command resumes\n"),
    ],
)
def test_failures_are_one_line_and_an_exit_code(
    fake: Fake, error: BaseException, code: int, line: str
) -> None:
    fake.results["curate"] = error
    result = invoke("curate", "x", "-o", "RUN")
    assert result.exit_code == code
    assert line in result.stderr
    assert "Traceback" not in result.output
    assert not result.stdout


def test_verify_fails_when_something_is_wrong(fake: Fake, run: str) -> None:
    problem = Problem("shards/en-web/00000.bin", 4096, "hash differs")
    fake.results["verify"] = Verification(ok=False, problems=(problem,), checked={"files": 3})
    result = invoke("verify", run)
    assert result.exit_code == 1
    assert "shards/en-web/00000.bin: offset 4,096: hash differs" in result.stdout
    assert invoke("verify", run, "--json").exit_code == 1


def test_recipe_init_writes_the_template_once(tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    assert invoke("recipe", "init", str(file)).exit_code == 0
    assert file.read_text() == template()
    again = invoke("recipe", "init", str(file))
    assert again.exit_code == 2
    assert "stands there already" in again.stderr
    assert invoke("recipe", "init", "-").stdout == template()


def test_recipe_check_prints_the_recipe_with_its_defaults(recipe: str, tmp_path: Path) -> None:
    result = invoke("recipe", "check", recipe)
    assert result.exit_code == 0
    printed = tmp_path / "printed.toml"
    printed.write_text(result.stdout)
    assert load(printed) == load(recipe)
    assert config_hash(load(recipe)) in result.stderr
    assert json.loads(invoke("recipe", "check", recipe, "--json").stdout)["seed"] == 17


def test_recipe_check_names_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text("version = 1\n[[stages]]\nname = 's'\ntokens = 4096\nanchrs = {}\n")
    result = invoke("recipe", "check", str(file))
    assert result.exit_code == 2
    assert f"{file}: stages[0].anchrs: unknown key; did you mean `anchors`?" in result.stderr


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys; from gamayun_data import cli\n"
        "try: cli.main()\n"
        "finally: print([m for m in ('polars','rich','numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--help"], check=True, capture_output=True, text=True
    )
    assert done.stdout.endswith("[]\n")


def test_the_pipeline_is_imported_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    verbs = ModuleType("gamayun_data.pipeline")
    monkeypatch.setitem(sys.modules, "gamayun_data.pipeline", verbs)
    assert terminal.verbs() is verbs
