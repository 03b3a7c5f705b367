//! The Python module `gamayun_data._core`: take, detach, wrap.

#![expect(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over by value")]
#![expect(clippy::type_complexity, reason = "plain tuples are what Python sees")]

mod audit;
mod cleaning;
mod counts;
mod decontamination;
mod dedup;
mod errors;
mod exchange;
mod export;
mod gate;
mod index;
mod language;
mod levels;
mod listing;
mod loader;
mod minhash;
mod noise;
mod parity;
mod profile;
mod quality;
mod removal;
mod scorer;
mod source;
mod steps;
mod stream;
mod strings;
mod sweep;
mod texts;
mod tokenizer;
mod verify;
mod version;

use pyo3::prelude::*;

/// Everything that the Python package calls.
#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::audit::{audit_shards, evaluate, evaluate_files, evaluate_texts, vocabulary_report};
    #[pymodule_export]
    use crate::cleaning::{Blocklist, Cleaner, cleaning_names, segment_files, segment_languages};
    #[pymodule_export]
    use crate::counts::{
        PretokenCounts, count_files, describe_counts, merge_count_files, train_count_file,
    };
    #[pymodule_export]
    use crate::decontamination::{
        benchmark_fields, decontaminate, find_benchmarks, items_in_texts,
    };
    #[pymodule_export]
    use crate::dedup::deduplicate;
    #[pymodule_export]
    use crate::exchange::{
        diff_tokenizers, extend_tokenizer, tokenizer_from_ranks, tokenizer_from_vocab_merges,
        tokenizer_to_ranks, tokenizer_to_vocab_merges,
    };
    #[pymodule_export]
    use crate::export::{document_formats, export_pool, export_samples, sample_formats};
    #[pymodule_export]
    use crate::index::{build_index, check_index, merge_indexes, read_index};
    #[pymodule_export]
    use crate::language::{LanguageModel, script_shares, train_language_model};
    #[pymodule_export]
    use crate::levels::{passages, substrings};
    #[pymodule_export]
    use crate::listing::list_removed;
    #[pymodule_export]
    use crate::loader::{ShardBlocks, TokenReader, epoch_pieces, fill_positions};
    #[pymodule_export]
    use crate::minhash::{
        Deduplicator, Outcomes, band_keys, datatrove_signatures, datatrove_signatures_of_words,
        datatrove_simplify, signatures, similarities,
    };
    #[pymodule_export]
    use crate::noise::try_noise;
    #[pymodule_export]
    use crate::parity::train_parity;
    #[pymodule_export]
    use crate::profile::{fit_profile, try_profile};
    #[pymodule_export]
    use crate::quality::{catalogue, judge, profile_names, profile_toml};
    #[pymodule_export]
    use crate::removal::{rewrite_selection, rewrite_shards};
    #[pymodule_export]
    use crate::scorer::{Scorer, evaluate_scorer, score_run, train_scorer};
    #[pymodule_export]
    use crate::source::{Source, find_inputs};
    #[pymodule_export]
    use crate::steps::{
        annotate, build_shards, count_pretokens, decide, dedup, file_sha256, select, tokenise,
    };
    #[pymodule_export]
    use crate::stream::EncodeStream;
    #[pymodule_export]
    use crate::sweep::{count_held_out, evaluate_counts};
    #[pymodule_export]
    use crate::tokenizer::{Tokenizer, train};
    #[pymodule_export]
    use crate::verify::{check_contents, check_shards};
    #[pymodule_export]
    use crate::version::version;
}
