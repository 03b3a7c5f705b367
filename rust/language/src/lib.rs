//! Text to language scores: reads and runs fastText model files.
