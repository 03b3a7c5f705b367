"""The command line: each command reads its options, calls the verb of its name and reports.

stdout is data, stderr is talk. Exit codes: 0 done; 1 failed, or `verify` found something wrong;
2 refused before any work (usage, recipe, parameters); 130 interrupted (the same command resumes).
"""

from __future__ import annotations

import click

from gamayun_data.commands_append import shards_append
from gamayun_data.commands_audit import tokenizer_audit, tokenizer_eval
from gamayun_data.commands_build import shards
from gamayun_data.commands_cleaning import clean
from gamayun_data.commands_counts import (
    tokenizer_count,
    tokenizer_merge_counts,
    tokenizer_show_counts,
)
from gamayun_data.commands_curate import curate, dedup
from gamayun_data.commands_exchange import tokenizer_diff, tokenizer_export, tokenizer_extend
from gamayun_data.commands_export import shards_export
from gamayun_data.commands_index import index
from gamayun_data.commands_inspect import explain, recipe, verify
from gamayun_data.commands_language import language
from gamayun_data.commands_manifest import manifest
from gamayun_data.commands_plan import plan
from gamayun_data.commands_profile import profile
from gamayun_data.commands_quality import quality
from gamayun_data.commands_remove import shards_remove
from gamayun_data.commands_report import report
from gamayun_data.commands_sweep import tokenizer_sweep
from gamayun_data.commands_tokenizer import tokenizer
from gamayun_data.commands_trace import shards_trace


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gamayun-data")
def cli() -> None:
    r"""Raw text in many languages to token shards whose mixture can be proven.

    \b
    Exit codes: 0 done; 1 failed, or verify found something wrong; 2 refused before
    any work (usage, recipe, parameters); 130 interrupted: the same command resumes.
    """


for command in (curate, dedup, tokenizer, plan, shards, index, verify, explain, recipe):
    cli.add_command(command)
cli.add_command(clean)
cli.add_command(manifest)
cli.add_command(language)
cli.add_command(report)
cli.add_command(profile)
cli.add_command(quality)
for command in (tokenizer_count, tokenizer_merge_counts, tokenizer_show_counts):
    tokenizer.add_command(command)
for command in (tokenizer_eval, tokenizer_audit):
    tokenizer.add_command(command)
for command in (shards_append, shards_export, shards_remove, shards_trace):
    shards.add_command(command)

tokenizer.add_command(tokenizer_sweep)
for command in (tokenizer_export, tokenizer_diff, tokenizer_extend):
    tokenizer.add_command(command)


def main() -> None:
    """Run the command line."""
    cli(prog_name="gamayun-data")
