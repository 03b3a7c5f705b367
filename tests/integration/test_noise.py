"""Labelled junk: what is dropped, repaired, passed, in Python and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import gamayun_data as gd
from gamayun_data.cli import cli
from gamayun_data.errors import InputError

PROSE = (
    "The river was higher than anybody in the village could remember, and the old bridge shook as "
    "the carts went over it. Nobody spoke of it at dinner, but in the evening the miller came to "
    "say that he would not wait another winter for the stone that had been promised to him."
)
SAMPLE = Path(__file__).parent.parent / "golden" / "noise" / "sample.jsonl"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    broken = PROSE.replace("e", "é").encode().decode("latin-1")
    rows = [
        {"id": "good", "kind": "clean", "lang": "en", "text": PROSE},
        {"id": "tags", "kind": "tags", "text": PROSE.replace(", ", ",<br/>"), "clean": PROSE},
        {"id": "read", "kind": "misread", "text": broken, "clean": PROSE.replace("e", "é")},
        {"id": "caps", "kind": "capitals", "text": PROSE.upper()},
        {"id": "pass", "kind": "unharmed", "text": PROSE, "clean": PROSE},
    ]
    path = tmp_path / "labelled.jsonl"
    lines = (json.dumps({"lang": "en", **row}) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_junk_is_dropped_or_repaired_and_good_text_kept(labelled: Path) -> None:
    found = gd.try_noise("short", [labelled], lid_model="labelled", examples=1)
    fates = {cell.kind: (cell.dropped, cell.repaired, cell.passed) for cell in found.cells}
    assert fates.pop("misread") != (0, 0, 1)
    assert fates == {
        "clean": (0, 0, 1),
        "tags": (0, 1, 0),
        "capitals": (1, 0, 0),
        "unharmed": (0, 0, 1),
    }
    (unharmed,) = (cell for cell in found.cells if cell.kind == "unharmed")
    assert unharmed.good == 0
    assert [example.id for example in unharmed.examples] == ["pass"]


def test_without_repairs_none_is_repaired(labelled: Path) -> None:
    found = gd.try_noise("short", [labelled], lid_model="labelled", repairs=())
    assert sum(cell.repaired for cell in found.cells) == 0


def test_unwanted_languages_are_dropped(labelled: Path) -> None:
    found = gd.try_noise("short", [labelled], langs=["ru"])
    assert all(cell.dropped == cell.documents for cell in found.cells)
    assert found.kinds()[0].reasons[0][0].startswith("language")


def test_threads_change_nothing() -> None:
    one, two = (gd.try_noise("junk", [SAMPLE], threads=threads) for threads in (1, 3))
    assert one.cells == two.cells


def test_texts_of_several_languages_are_dropped_or_parted(tmp_path: Path) -> None:
    german = (
        "Der Fluss stand höher, als sich jemand im Dorf erinnern konnte, und die alte Brücke "
        "bebte, wenn ein schwerer Wagen darüber fuhr, und niemand sprach davon."
    )
    rows = [
        {"id": "good", "kind": "clean", "lang": "en", "text": PROSE},
        {"id": "half", "kind": "mixed", "lang": "de+en", "text": f"{PROSE}\n{german}"},
        {"id": "some", "kind": "mixed", "lang": "de+en", "text": f"{PROSE}\n{german}\n{PROSE * 3}"},
        {"id": "one", "kind": "unharmed", "lang": "en", "text": f"{PROSE}\n{german}\n{PROSE * 3}"},
    ]
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")

    def fates(**options: object) -> dict[str, tuple[int, int, int]]:
        found = gd.try_noise("none", [path], **options)  # type: ignore[arg-type]
        return {cell.kind: (cell.dropped, cell.repaired, cell.passed) for cell in found.cells}

    kept = {"clean": (0, 0, 1), "unharmed": (0, 0, 1)}
    assert fates() == {**kept, "mixed": (1, 1, 0)}
    assert fates(segments=["foreign"]) == {**kept, "mixed": (0, 2, 0)}
    assert fates(segments=["mixed"]) == {**kept, "mixed": (1, 0, 1)}
    assert fates(segments=[]) == {**kept, "mixed": (0, 0, 2)}


def test_records_without_labels_are_named(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text('{"text": "a"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"plain\.jsonl: record 1: kind is missing"):
        gd.try_noise("short", [path])


def test_the_command_gives_the_same_table() -> None:
    result = CliRunner().invoke(cli, ["profile", "noise", "short", str(SAMPLE), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    found = gd.try_noise("short", [SAMPLE], examples=0)
    assert [cell["dropped"] for cell in told["cells"]] == [cell.dropped for cell in found.cells]
    shown = CliRunner().invoke(cli, ["profile", "noise", "short", str(SAMPLE), "--examples", "1"])
    assert shown.exit_code == 0, shown.output
    assert "word_salad" in shown.stdout
