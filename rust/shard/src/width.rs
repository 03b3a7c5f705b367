//! How many bytes a token id takes: the one place that decides it.

use serde::{Deserialize, Serialize};

/// The width of a token id on disk; in JSON, its number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum TokenWidth {
    /// 16 bits: vocabularies of at most 65,536 ids.
    U16,
    /// 32 bits.
    U32,
}

impl TokenWidth {
    /// The narrowest width that holds every id below `vocab_size`.
    #[must_use]
    pub fn for_vocab(vocab_size: u32) -> Self {
        if vocab_size <= 1 << 16 { Self::U16 } else { Self::U32 }
    }

    /// Bytes of one token id: 2 or 4.
    #[must_use]
    pub fn bytes(self) -> u64 {
        match self {
            Self::U16 => 2,
            Self::U32 => 4,
        }
    }

    /// The width of that many bytes.
    #[must_use]
    pub fn from_bytes(bytes: u32) -> Option<Self> {
        match bytes {
            2 => Some(Self::U16),
            4 => Some(Self::U32),
            _ => None,
        }
    }

    /// Every id is below this.
    #[must_use]
    pub fn limit(self) -> u64 {
        match self {
            Self::U16 => 1 << 16,
            Self::U32 => 1 << 32,
        }
    }
}

impl From<TokenWidth> for u8 {
    fn from(width: TokenWidth) -> Self {
        match width {
            TokenWidth::U16 => 2,
            TokenWidth::U32 => 4,
        }
    }
}

impl TryFrom<u8> for TokenWidth {
    type Error = String;

    fn try_from(bytes: u8) -> Result<Self, String> {
        Self::from_bytes(bytes.into())
            .ok_or_else(|| format!("a token is 2 or 4 bytes wide, not {bytes}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_reach_to_65536_ids() {
        assert_eq!(TokenWidth::for_vocab(65_536), TokenWidth::U16);
        assert_eq!(TokenWidth::for_vocab(65_537), TokenWidth::U32);
    }

    #[test]
    fn json_has_the_number_of_bytes() {
        assert_eq!(serde_json::to_string(&TokenWidth::U32).unwrap(), "4");
        assert_eq!(serde_json::from_str::<TokenWidth>("2").unwrap(), TokenWidth::U16);
        assert!(serde_json::from_str::<TokenWidth>("3").is_err());
    }
}
