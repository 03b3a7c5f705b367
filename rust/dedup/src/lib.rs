//! Documents to clusters to survivors: MinHash, banding, verified pairs.
