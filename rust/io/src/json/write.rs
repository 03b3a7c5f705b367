//! Canonical JSON from strings, numbers and entries.

use super::{Entry, special};

/// A flat object of strings.
pub(crate) fn object(entries: &[(&str, &str)]) -> String {
    let mut out = String::from("{");
    for (i, (key, value)) in entries.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_string(key, &mut out);
        out.push(':');
        write_string(value, &mut out);
    }
    out.push('}');
    out
}

/// Writes a string with its quotes and the escapes that must be.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let at = special(bytes, from);
        out.push_str(&text[from..at]);
        let Some(&byte) = bytes.get(at) else { break };
        write_escape(byte, out);
        from = at + 1;
    }
    out.push('"');
}

fn write_escape(byte: u8, out: &mut String) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        0x08 => out.push_str("\\b"),
        0x0c => out.push_str("\\f"),
        _ => {
            out.push_str("\\u00");
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
    }
}

/// Writes a finite number in the shortest form, others as null.
pub(crate) fn write_f64(value: f64, out: &mut String) {
    match serde_json::Number::from_f64(value) {
        Some(number) => out.push_str(&number.to_string()),
        None => out.push_str("null"),
    }
}

/// The object of these entries, keys sorted, the last of equal keys kept.
pub(crate) fn sorted(written: &str, entries: &mut [Entry]) -> String {
    entries.sort_by(|a, b| written[a.0.clone()].cmp(&written[b.0.clone()]));
    let mut out = String::with_capacity(written.len() + 4 * entries.len() + 2);
    out.push('{');
    for (i, (key, value)) in entries.iter().enumerate() {
        let key = &written[key.clone()];
        if entries.get(i + 1).is_some_and(|next| written[next.0.clone()] == *key) {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        write_string(key, &mut out);
        out.push(':');
        out.push_str(&written[value.clone()]);
    }
    out.push('}');
    out
}
