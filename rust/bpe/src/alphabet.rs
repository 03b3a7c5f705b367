//! GPT-2's byte alphabet: a printable character for each byte, as tokens are written in `tokenizer.json`.

/// Bytes that stand for themselves; the others get the code points from 256 on, in order.
const fn printable(byte: u32) -> bool {
    matches!(byte, 33..=126 | 161..=172 | 174..=255)
}

/// The characters of all bytes.
const CHARS: [char; 256] = {
    let mut chars = ['\0'; 256];
    let (mut byte, mut next) = (0, 256);
    while byte < 256 {
        let code = if printable(byte) { byte } else { next };
        chars[byte as usize] = match char::from_u32(code) {
            Some(char) => char,
            None => '\0',
        };
        next += !printable(byte) as u32;
        byte += 1;
    }
    chars
};

/// The bytes in the order of their characters, which is the order of their ids.
pub(crate) fn bytes_in_order() -> [u8; 256] {
    let mut bytes: [u8; 256] = std::array::from_fn(|n| u8::try_from(n).unwrap_or_default());
    bytes.sort_unstable_by_key(|&byte| CHARS[usize::from(byte)]);
    bytes
}

/// A token as it is written.
pub(crate) fn to_chars(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| CHARS[usize::from(byte)]).collect()
}

/// The bytes of a written token; none if a character stands for no byte.
pub(crate) fn to_bytes(token: &str) -> Option<Vec<u8>> {
    token.chars().map(to_byte).collect()
}

fn to_byte(char: char) -> Option<u8> {
    match u32::from(char) {
        code @ 0..256 => u8::try_from(code).ok().filter(|_| printable(code)),
        code => (0..=u8::MAX).find(|&byte| u32::from(CHARS[usize::from(byte)]) == code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_own_character() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        assert_eq!(to_bytes(&to_chars(&all)), Some(all));
        assert_eq!(to_chars(b" \n"), "\u{120}\u{10a}");
        assert_eq!(to_bytes("\u{1000}"), None);
    }

    #[test]
    fn ids_begin_at_the_exclamation_mark() {
        let order = bytes_in_order();
        assert_eq!((order[0], order[220]), (b'!', b' '));
    }
}
