//! Files to batches of records and tables to files: formats, compression, Parquet, atomic writes.
