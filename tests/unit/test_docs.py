"""The documentation names what there is: commands, options, rules, keys, verbs, functions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

import gamayun_data
from gamayun_data import cli, config

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        full = f"{path} {name}"
        if isinstance(command, click.Group):
            default = getattr(command, "default", None)
            if default is not None:
                yield full, default
            named = {one: sub for one, sub in command.commands.items() if sub is not default}
            yield from commands(click.Group(name, named), full)
        else:
            yield full, command


COMMANDS = dict(commands(cli.cli, "gamayun-data"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"`{name} " in page("cli.md")


def shown(text: str) -> list[str]:
    """Command lines that a page shows, comments and pipes taken away."""
    lines = re.findall(r"^ {4}(?:.*\| )?(gamayun-data .*)$", text, re.MULTILINE)
    return [line.split("#")[0].strip() for line in lines]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_shown_commands_and_options_exist(path: Path) -> None:
    for line in shown(path.read_text(encoding="utf-8")):
        if line.startswith("gamayun-data COMMAND"):
            continue
        name = max((name for name in COMMANDS if line.startswith(name)), key=len, default=None)
        assert name, f"{path.name} shows an unknown command: {line}"
        known = {option for p in COMMANDS[name].params for option in p.opts} | {"--help"}
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", line)) <= known, line


def test_the_readme_names_real_verbs() -> None:
    verbs = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        used = re.findall(r"(?:`| {4})make ([a-z-]+)", text)
        assert used
        assert set(used) <= set(verbs)


def test_every_rule_is_documented() -> None:
    text = page("rules.md") + page("noise.md")
    source = "".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "rust/quality/src/rules").glob("*.rs")
    )
    reasons = set(re.findall(r'reason: "(\w+)"', source)) | set(
        re.findall(r'rule\("(\w+)"', source)
    )
    assert len(reasons) > 20
    assert {reason for reason in reasons if f"`{reason}`" not in text} == set()


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert {p.name for p in DOCS.glob("*.md")} == set(re.findall(r": (\S+\.md)", navigation))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert "://" in target or (path.parent / target).exists(), target


def test_the_recipe_shown_is_valid() -> None:
    block = re.search(r"^ {4}version = 1\n(?:(?: {4}.*)?\n)+", page("recipe.md"), re.MULTILINE)
    assert block
    recipe = config.parse(re.sub(r"^ {4}", "", block[0], flags=re.MULTILINE))
    assert [stage.name for stage in recipe.stages] == ["stage1", "stage2"]


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=lambda p: p.name)
def test_example_recipes_are_valid(path: Path) -> None:
    assert config.load(path).stages


def test_the_sample_recipe_is_valid() -> None:
    recipe = config.load(ROOT / "python/gamayun_data/data/sample/recipe.toml")
    folder = ROOT / "python/gamayun_data/data/sample"
    files = {
        p for s in recipe.sources for pattern in s.paths for p in folder.glob(Path(pattern).name)
    }
    data = {p for p in folder.iterdir() if p.suffix not in {".toml", ".md"}}
    assert files == data
    sizes = sum(p.stat().st_size for p in data)
    assert sizes < 1_200_000


@pytest.mark.parametrize("name", re.findall(r"^\| `gd\.(\w+)`", page("library.md"), re.MULTILINE))
def test_documented_functions_exist(name: str) -> None:
    assert callable(getattr(gamayun_data, name))
