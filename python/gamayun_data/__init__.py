"""Raw text in many languages to token shards whose mixture can be proven.

Every verb of the command line is a function here: `curate`, `train_tokenizer_on_run`,
`evaluate_tokenizer`, `audit_tokenizer`, `plan`, `build_shards`, `verify`, `explain`; `open_run`
reads what they wrote.
The engines take texts: `LanguageModel`, `judge`, `deduplicate`, `train_tokenizer`, `Tokenizer`.
Importing does nothing else; what a name needs is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gamayun_data.errors import (
    ConfigError,
    FormatError,
    GamayunError,
    InputError,
    IntegrityError,
)

if TYPE_CHECKING:
    from gamayun_data.appending import append_stage
    from gamayun_data.cleaned import clean, segment_languages
    from gamayun_data.cleaned_files import CleanedFiles, clean_files
    from gamayun_data.count_files import (
        CountedTraining,
        CountsSummary,
        count_pretokens,
        describe_counts,
        merge_counts,
        train_on_counts,
    )
    from gamayun_data.counting import LanguageCounts, PretokenCounts
    from gamayun_data.exchange import (
        Exported,
        TokenizerDiff,
        diff_tokenizers,
        export_tokenizer,
        extend_tokenizer,
        load_tokenizer,
    )
    from gamayun_data.exporting import ShardExport, export_shards
    from gamayun_data.fair_run import (
        FairTraining,
        sweep_run,
        train_fair_counts,
        train_fair_tokenizer,
    )
    from gamayun_data.indexes import build_index, merge_indexes, show_index
    from gamayun_data.language_models import (
        LanguageEvaluation,
        LanguageTraining,
        evaluate_language_model,
        score_files,
        train_language_model,
    )
    from gamayun_data.language_scores import score_languages
    from gamayun_data.library import (
        Deduplication,
        LanguageModel,
        Removal,
        decontaminate,
        deduplicate,
        judge,
        profiles,
        rules,
        train_tokenizer,
    )
    from gamayun_data.manifest_views import ManifestDiff, diff_manifests, read_manifests
    from gamayun_data.minhash import (
        DatatroveMinHasher,
        Deduplicator,
        MinHasher,
        containment,
        jaccard,
    )
    from gamayun_data.nearest import InfeasibleError
    from gamayun_data.noise import NoiseTrial, try_noise
    from gamayun_data.parallel_text import ParallelText
    from gamayun_data.parity import LanguageTurns, ParityTraining, train_parity
    from gamayun_data.pipeline import (
        audit_tokenizer,
        build_shards,
        curate,
        dedup,
        evaluate_tokenizer,
        explain,
        plan,
        verify,
    )
    from gamayun_data.pipeline import train_tokenizer as train_tokenizer_on_run
    from gamayun_data.planning import diff_plans, what_if
    from gamayun_data.quality import (
        QualityModel,
        evaluate_quality,
        score_quality,
        train_quality,
    )
    from gamayun_data.rehydration import FIXED_WEIGHTS, rehydration_weights, weight_of
    from gamayun_data.removal_rates import ClusterRates, cluster_rates
    from gamayun_data.removing import DocumentRemoval, remove_documents
    from gamayun_data.rule_profiles import (
        FittedProfile,
        ProfileTrial,
        fit_profile,
        list_profiles,
        show_profile,
        try_profile,
    )
    from gamayun_data.run_comparison import RunComparison, compare_runs
    from gamayun_data.segmented_files import SegmentedFiles, segment_files
    from gamayun_data.shards import Run, Shard, open_run, open_shard
    from gamayun_data.sweep import Sweep, sweep_tokenizers
    from gamayun_data.thresholds import precision_thresholds, run_thresholds
    from gamayun_data.tokenizer import Located, Tokenizer
    from gamayun_data.tracing import TracedStretch, trace
    from gamayun_data.verdicts import VerdictRows, save_verdicts
    from gamayun_data.waterfall import Waterfall, retention_waterfall

__all__ = [
    "FIXED_WEIGHTS",
    "CleanedFiles",
    "ClusterRates",
    "ConfigError",
    "CountedTraining",
    "CountsSummary",
    "DatatroveMinHasher",
    "Deduplication",
    "Deduplicator",
    "DocumentRemoval",
    "Exported",
    "FairTraining",
    "FittedProfile",
    "FormatError",
    "GamayunError",
    "InfeasibleError",
    "InputError",
    "IntegrityError",
    "LanguageCounts",
    "LanguageEvaluation",
    "LanguageModel",
    "LanguageTraining",
    "LanguageTurns",
    "Located",
    "ManifestDiff",
    "MinHasher",
    "NoiseTrial",
    "ParallelText",
    "ParityTraining",
    "PretokenCounts",
    "ProfileTrial",
    "QualityModel",
    "Removal",
    "Run",
    "RunComparison",
    "SegmentedFiles",
    "Shard",
    "ShardExport",
    "Sweep",
    "Tokenizer",
    "TokenizerDiff",
    "TracedStretch",
    "VerdictRows",
    "Waterfall",
    "append_stage",
    "audit_tokenizer",
    "build_index",
    "build_shards",
    "clean",
    "clean_files",
    "cluster_rates",
    "compare_runs",
    "containment",
    "count_pretokens",
    "curate",
    "decontaminate",
    "dedup",
    "deduplicate",
    "describe_counts",
    "diff_manifests",
    "diff_plans",
    "diff_tokenizers",
    "evaluate_language_model",
    "evaluate_quality",
    "evaluate_tokenizer",
    "explain",
    "export_shards",
    "export_tokenizer",
    "extend_tokenizer",
    "fit_profile",
    "jaccard",
    "judge",
    "list_profiles",
    "load_tokenizer",
    "merge_counts",
    "merge_indexes",
    "open_run",
    "open_shard",
    "plan",
    "precision_thresholds",
    "profiles",
    "read_manifests",
    "rehydration_weights",
    "remove_documents",
    "retention_waterfall",
    "rules",
    "run_thresholds",
    "save_verdicts",
    "score_files",
    "score_languages",
    "score_quality",
    "segment_files",
    "segment_languages",
    "show_index",
    "show_profile",
    "sweep_run",
    "sweep_tokenizers",
    "trace",
    "train_fair_counts",
    "train_fair_tokenizer",
    "train_language_model",
    "train_on_counts",
    "train_parity",
    "train_quality",
    "train_tokenizer",
    "train_tokenizer_on_run",
    "try_noise",
    "try_profile",
    "verify",
    "weight_of",
    "what_if",
]

# Module by module, its public names.
_MODULES = {
    "appending": ("append_stage",),
    "removal_rates": ("ClusterRates", "cluster_rates"),
    "count_files": (
        "CountedTraining",
        "CountsSummary",
        "count_pretokens",
        "describe_counts",
        "merge_counts",
        "train_on_counts",
    ),
    "counting": ("LanguageCounts", "PretokenCounts"),
    "fair_run": ("FairTraining", "sweep_run", "train_fair_counts", "train_fair_tokenizer"),
    "exchange": (
        "Exported",
        "TokenizerDiff",
        "diff_tokenizers",
        "export_tokenizer",
        "extend_tokenizer",
        "load_tokenizer",
    ),
    "cleaned": ("clean", "segment_languages"),
    "cleaned_files": ("CleanedFiles", "clean_files"),
    "exporting": ("ShardExport", "export_shards"),
    "indexes": ("build_index", "merge_indexes", "show_index"),
    "language_models": (
        "LanguageEvaluation",
        "LanguageTraining",
        "evaluate_language_model",
        "score_files",
        "train_language_model",
    ),
    "language_scores": ("score_languages",),
    "library": (
        "Deduplication",
        "LanguageModel",
        "Removal",
        "decontaminate",
        "deduplicate",
        "judge",
        "profiles",
        "rules",
        "train_tokenizer",
    ),
    "minhash": (
        "DatatroveMinHasher",
        "Deduplicator",
        "MinHasher",
        "containment",
        "jaccard",
    ),
    "nearest": ("InfeasibleError",),
    "parallel_text": ("ParallelText",),
    "parity": ("LanguageTurns", "ParityTraining", "train_parity"),
    "quality": ("QualityModel", "evaluate_quality", "score_quality", "train_quality"),
    "pipeline": (
        "audit_tokenizer",
        "build_shards",
        "curate",
        "dedup",
        "evaluate_tokenizer",
        "explain",
        "plan",
        "train_tokenizer_on_run",
        "verify",
    ),
    "noise": ("NoiseTrial", "try_noise"),
    "planning": ("diff_plans", "what_if"),
    "rule_profiles": (
        "FittedProfile",
        "ProfileTrial",
        "fit_profile",
        "list_profiles",
        "show_profile",
        "try_profile",
    ),
    "manifest_views": ("ManifestDiff", "diff_manifests", "read_manifests"),
    "tracing": ("TracedStretch", "trace"),
    "rehydration": ("FIXED_WEIGHTS", "rehydration_weights", "weight_of"),
    "removing": ("DocumentRemoval", "remove_documents"),
    "sweep": ("Sweep", "sweep_tokenizers"),
    "run_comparison": ("RunComparison", "compare_runs"),
    "thresholds": ("precision_thresholds", "run_thresholds"),
    "verdicts": ("VerdictRows", "save_verdicts"),
    "waterfall": ("Waterfall", "retention_waterfall"),
    "segmented_files": ("SegmentedFiles", "segment_files"),
    "shards": ("Run", "Shard", "open_run", "open_shard"),
    "tokenizer": ("Located", "Tokenizer"),
}
_LAZY = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load what a public name needs (PEP 562)."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    there = "train_tokenizer" if name == "train_tokenizer_on_run" else name
    value: object = getattr(import_module(f"{__name__}.{_LAZY[name]}"), there)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
