//! Token shards: payload, index, order, verification.
