"""The shape of the code: the star of crates, the layers of modules, the names of the core."""

from __future__ import annotations

import ast
import json
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "gamayun_data"
ENGINES = {"io", "language", "quality", "dedup", "bpe", "shard"}
ALLOWED: dict[str, set[str]] = (
    {"text": set()}
    | {engine: {"text"} for engine in ENGINES}
    | {"run": ENGINES | {"text"}, "py": ENGINES | {"text", "run"}}
)
# A module imports from layers before its own, or from its own.
LAYERS = (
    {"errors"},
    {
        "_core",
        "axis",
        "call_options",
        "cleaning",
        "config",
        "fairness",
        "markup",
        "overrides",
        "places",
        "policies",
        "quality_curve",
        "ramps",
        "recipe",
        "schema",
        "scoring_recipe",
        "toml",
        "units",
        "weighting",
        "yaml",
    },
    {
        "progress",
        "results",
        "alarms",
        "budget",
        "parallel_text",
        "evaluated",
        "targets",
        "lint",
        "nearest",
        "plan_diff",
        "planned",
        "plots",
        "mix",
        "order",
        "rehydration",
        "removal_rates",
        "shards",
        "shares",
    },
    {"estimate", "page", "receipts", "references"},
    {"page_clean"},
    {"scoring"},
    {"steps"},
    {"alone", "decontamination", "levels", "listing"},
    {"cleaned", "directory", "explanation", "library", "minhash", "texts", "tokenizer"},
    {"counting", "exchange", "facts", "findings", "indexes", "manifests", "provenance", "removals"},
    {"cleaned_files", "count_files", "language_models", "language_scores", "segmented_files"},
    {"batch", "mirror", "stage_file"},
    {"dataset"},
    {"token_loader"},
    {"torch_adapter"},
    {
        "appending",
        "evaluation",
        "manifest_views",
        "noise",
        "parity",
        "quality",
        "removed_documents",
        "removed_stages",
        "rule_profiles",
        "thresholds",
        "tracing",
        "verified_manifests",
        "verdicts",
        "verified_rows",
        "yardstick",
    },
    {"removing", "run_comparison", "verified_shards", "waterfall"},
    {"verification"},
    {"export_parts"},
    {"export_samples"},
    {
        "export_datatrove",
        "export_litdata",
        "export_llmc",
        "export_mds",
        "export_megatron",
        "export_olmo",
        "export_parquet",
    },
    {"export_formats", "export_sources"},
    {"export_card", "export_croissant"},
    {"exporting"},
    {"auditing", "page_run", "page_sweep", "sweep", "training"},
    {"pipeline"},
    {"fair_run", "planning"},
    {
        "page_plan",
        "page_tokenizer",
        "report",
        "report_cleaned",
        "report_counts",
        "report_export",
        "report_fair",
        "report_index",
        "report_noise",
        "report_plan",
        "report_profile",
        "report_quality",
        "report_removal",
        "report_manifest",
        "report_tokenizer",
        "report_thresholds",
        "report_language",
        "report_trace",
        "report_verdicts",
    },
    {"default_group", "options", "terminal"},
    {
        "commands_append",
        "commands_audit",
        "commands_build",
        "commands_cleaning",
        "commands_counts",
        "commands_curate",
        "commands_exchange",
        "commands_export",
        "commands_index",
        "commands_manifest",
        "commands_inspect",
        "commands_plan",
        "commands_profile",
        "commands_quality",
        "commands_remove",
        "commands_report",
        "commands_sweep",
        "commands_tokenizer",
        "commands_thresholds",
        "commands_language",
        "commands_trace",
        "commands_verdicts",
    },
    {"cli"},
    {"__main__"},
)


@cache
def crates() -> dict[str, dict[str, Any]]:
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    return {package["name"]: package for package in json.loads(out)["packages"]}


def dependencies(crate: dict[str, Any], *kinds: str | None) -> set[str]:
    return {d["name"] for d in crate["dependencies"] if d["kind"] in kinds}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> list[ast.ImportFrom | ast.Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def siblings(path: Path) -> set[str]:
    """Modules of the package that a module imports."""
    found = set()
    for node in imports(path):
        if isinstance(node, ast.Import):
            found |= {
                n.name.split(".")[1] for n in node.names if n.name.startswith("gamayun_data.")
            }
        elif node.module == "gamayun_data":
            found |= {n.name for n in node.names}
        elif node.module and node.module.startswith("gamayun_data."):
            found.add(node.module.split(".")[1])
    return found & {path.stem for path in modules()} | found & {"_core"}


def test_engines_depend_on_text_only() -> None:
    for name, crate in crates().items():
        ours = {d.removeprefix("gamayun-") for d in dependencies(crate, None, "build", "dev")}
        ours &= {known.removeprefix("gamayun-") for known in crates()}
        short = name.removeprefix("gamayun-")
        assert ours <= ALLOWED[short], f"{name} may not depend on {ours - ALLOWED[short]}"


def test_only_the_binding_knows_python() -> None:
    for name, crate in crates().items():
        if name != "gamayun-py":
            assert not {"pyo3", "pyo3-arrow", "numpy"} & dependencies(crate, None, "build", "dev")


def test_every_crate_has_a_place() -> None:
    assert {name.removeprefix("gamayun-") for name in crates()} == set(ALLOWED)


def test_the_version_stands_once() -> None:
    versions = {crate["version"] for crate in crates().values()}
    assert len(versions) == 1
    for manifest in ROOT.glob("rust/*/Cargo.toml"):
        assert "version.workspace = true" in manifest.read_text(encoding="utf-8")
    assert "\nversion =" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_no_relative_imports(path: Path) -> None:
    assert not [n for n in imports(path) if isinstance(n, ast.ImportFrom) and n.level]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_modules_import_downwards(path: Path) -> None:
    if path.stem == "__init__":
        return
    layer = {name: place for place, names in enumerate(LAYERS) for name in names}
    assert path.stem in layer, f"{path.name} has no layer: name it in LAYERS"
    above = {name for name in siblings(path) if layer[name] > layer[path.stem]}
    assert not above, f"{path.name} imports upwards: {above}"


def test_no_public_name_is_that_of_a_module() -> None:
    """Importing the module would put it in the place of what is public."""
    public = set(import_module("gamayun_data").__all__)
    assert not public & {path.stem for path in modules()}


def test_files_stay_small() -> None:
    files = [*modules(), *ROOT.glob("rust/*/src/**/*.rs")]
    long = {p.name: n for p in files if (n := len(p.read_text("utf-8").splitlines())) > 500}
    assert not long


def test_the_stub_names_what_the_core_exports() -> None:
    core = pytest.importorskip("gamayun_data._core")
    tree = ast.parse((PACKAGE / "_core.pyi").read_text(encoding="utf-8"))
    named = {n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}
    named |= {
        n.target.id
        for n in tree.body
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    }
    assert {name for name in dir(core) if not name.startswith("_")} <= named
