//! The steps of a run: annotate, decide, dedup, select, tokenise, build, verify.
