"""The commands that show manifests and what differs between them."""

from __future__ import annotations

from pathlib import Path

import click

from gamayun_data.options import JSON
from gamayun_data.terminal import guarded, tell

PLACE = click.Path(exists=True, path_type=Path)


@click.group()
def manifest() -> None:
    """Show manifests, or what differs between two."""


@manifest.command("show")
@click.argument("path", type=PLACE, metavar="RUN|FILE")
@JSON
@guarded
def manifest_show(path: Path, *, as_json: bool) -> None:
    """The manifests of a run, or one: shares, epochs, cursors, licences, hashes."""
    from gamayun_data import manifest_views

    tell(manifest_views.read_manifests(path), "manifest", as_json=as_json, module="report_manifest")


@manifest.command("diff")
@click.argument("before", type=PLACE, metavar="A")
@click.argument("after", type=PLACE, metavar="B")
@JSON
@guarded
def manifest_diff(before: Path, after: Path, *, as_json: bool) -> None:
    """What changed from A to B: runs, or manifests."""
    from gamayun_data import manifest_views

    tell(
        manifest_views.diff_manifests(before, after),
        "manifest_diff",
        as_json=as_json,
        module="report_manifest",
    )
