//! Byte-level BPE: count, train, encode, decode, evaluate.
