//! Speed of the shard engine.
fn main() {}
