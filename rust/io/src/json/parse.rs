//! A line of JSON taken apart in one pass: text, id, and the rest as canonical JSON.

use super::{Entry, copy, sorted, special, write_f64, write_string};
use crate::Columns;

/// Objects and arrays may lie this deep in each other, as in `serde_json`.
const MAX_DEPTH: u32 = 127;

/// What a field holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Field {
    #[default]
    Absent,
    Null,
    String(String),
    Integer(String),
    Other(&'static str),
}

/// A record's fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields {
    pub(crate) text: Field,
    pub(crate) id: Field,
    pub(crate) metadata: String,
}

/// Where and how a line is not a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid JSON at byte {at}: {detail}")]
pub(crate) struct JsonError {
    pub(crate) at: usize,
    pub(crate) detail: &'static str,
    /// True when the line merely ended too early.
    pub(crate) ended: bool,
}

/// What a byte is worth as a hexadecimal digit.
static HEX: [u8; 256] = {
    let mut values = [NOT_HEX; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        values[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Room that copying wants behind a string.
const COPIED: usize = 64;

/// Larger than any digit's worth, so that it shows in a bitwise or.
const NOT_HEX: u8 = 0x80;

type Result<T> = std::result::Result<T, JsonError>;

/// Memory used again for each line.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// An empty string, where the next text is put.
    pub(crate) room: String,
    written: String,
    entries: Vec<Entry>,
}

/// How much of a record is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// The text and the id; the metadata is checked all the same, and given as an empty object.
    Text,
    /// The rest as well.
    Metadata,
}

/// Takes a line apart.
pub(crate) fn parse(
    line: &str,
    columns: &Columns,
    want: Want,
    scratch: &mut Scratch,
) -> Result<Fields> {
    scratch.written.clear();
    scratch.entries.clear();
    let mut parser = Parser { text: line, bytes: line.as_bytes(), at: 0, depth: 0 };
    let mut fields = Fields::default();
    parser.record(columns, want, scratch, &mut fields)?;
    fields.metadata = sorted(&scratch.written, &mut scratch.entries);
    Ok(fields)
}

/// True when the line is an object whose field of this name is a string.
pub(crate) fn has_field(line: &[u8], name: &str) -> bool {
    let columns = Columns { text: name.to_owned(), id: None };
    let fields = std::str::from_utf8(line)
        .ok()
        .map(|l| parse(l, &columns, Want::Text, &mut Scratch::default()));
    matches!(fields, Some(Ok(Fields { text: Field::String(_), .. })))
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn error<T>(&self, detail: &'static str) -> Result<T> {
        let ended = self.at >= self.bytes.len();
        let detail = if ended { "the line ends too early" } else { detail };
        Err(JsonError { at: self.at, detail, ended })
    }

    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, detail: &'static str) -> Result<()> {
        if self.peek() != Some(byte) {
            return self.error(detail);
        }
        self.at += 1;
        Ok(())
    }

    fn record(
        &mut self,
        columns: &Columns,
        want: Want,
        scratch: &mut Scratch,
        fields: &mut Fields,
    ) -> Result<()> {
        self.expect(b'{', "expected an object")?;
        self.depth = 1;
        let mut more = !self.closes(b'}');
        while more {
            let start = scratch.written.len();
            self.key(&mut scratch.written)?;
            let key = start..scratch.written.len();
            if scratch.written[key.clone()] == columns.text {
                scratch.written.truncate(start);
                let room = std::mem::take(&mut scratch.room);
                fields.text = self.field(&mut scratch.written, Some(room))?;
            } else if columns.id.as_ref().is_some_and(|id| scratch.written[key.clone()] == **id) {
                scratch.written.truncate(start);
                fields.id = self.field(&mut scratch.written, None)?;
            } else {
                self.value(&mut scratch.written)?;
                match want {
                    Want::Text => scratch.written.truncate(start),
                    Want::Metadata => {
                        scratch.entries.push((key.clone(), key.end..scratch.written.len()));
                    }
                }
            }
            more = self.goes_on(b'}')?;
        }
        if self.peek().is_some() {
            return self.error("expected nothing after the object");
        }
        Ok(())
    }

    /// A key decoded, and its colon.
    fn key(&mut self, out: &mut String) -> Result<()> {
        self.expect(b'"', "expected a key")?;
        self.string(out)?;
        self.expect(b':', "expected a colon")
    }

    /// True, and past it, when the closing bracket comes at once.
    fn closes(&mut self, bracket: u8) -> bool {
        let closes = self.peek() == Some(bracket);
        self.at += usize::from(closes);
        closes
    }

    /// Past a comma (true) or the closing bracket (false).
    fn goes_on(&mut self, bracket: u8) -> Result<bool> {
        let byte = self.peek();
        if byte != Some(b',') && byte != Some(bracket) {
            return self.error("expected a comma or the closing bracket");
        }
        self.at += 1;
        Ok(byte == Some(b','))
    }

    /// The value of the text, a string in `room`, or of the id, which is short; `scratch` is left as it was.
    fn field(&mut self, scratch: &mut String, room: Option<String>) -> Result<Field> {
        let start = scratch.len();
        let first = self.peek();
        if first == Some(b'"') {
            self.at += 1;
            if let Some(room) = room {
                return self.owned_string(room).map(Field::String);
            }
            self.string(scratch)?;
            let value = scratch[start..].to_owned();
            scratch.truncate(start);
            return Ok(Field::String(value));
        }
        self.value(scratch)?;
        let value = &scratch[start..];
        let field = match first {
            Some(b'n') => Field::Null,
            Some(b'{') => Field::Other("an object"),
            Some(b'[') => Field::Other("a list"),
            Some(b't' | b'f') => Field::Other("a boolean"),
            _ if value.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
                Field::Integer(value.to_owned())
            }
            _ => Field::Other("a number"),
        };
        scratch.truncate(start);
        Ok(field)
    }

    /// A string in the room that is given, if that is enough, else in memory of its own, not much larger than it.
    fn owned_string(&mut self, mut out: String) -> Result<String> {
        let (most, given) = (self.bytes.len() - self.at + COPIED, out.capacity() > 0);
        if out.capacity() < most {
            out = String::with_capacity(most);
        }
        self.string(&mut out)?;
        if !given && out.capacity() - out.len() > out.len() / 4 {
            out.shrink_to_fit();
        }
        Ok(out)
    }

    /// Decodes a string whose opening quote was passed.
    fn string(&mut self, out: &mut String) -> Result<()> {
        loop {
            self.at = copy(self.text, self.at, out);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                // Where one letter is escaped, mostly the next one is too.
                Some(b'\\') => {
                    while self.bytes.get(self.at) == Some(&b'\\') {
                        self.escape(out)?;
                    }
                }
                _ => return self.error("a control character in a string"),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<()> {
        self.at += 1;
        let decoded = match self.bytes.get(self.at) {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => return self.unicode_escape(out),
            _ => return self.error("an unknown escape"),
        };
        self.at += 1;
        out.push(decoded);
        Ok(())
    }

    /// The escape `\uXXXX`, of which two may make one character; `at` is on the `u`.
    fn unicode_escape(&mut self, out: &mut String) -> Result<()> {
        self.at += 1;
        let mut code = self.hex()?;
        if code & 0xfc00 == 0xd800 {
            for byte in *b"\\u" {
                if self.bytes.get(self.at) != Some(&byte) {
                    return self.error("half a surrogate pair");
                }
                self.at += 1;
            }
            let low = self.hex()?;
            if low & 0xfc00 != 0xdc00 {
                return self.error("half a surrogate pair");
            }
            code = 0x1_0000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
        }
        match char::from_u32(code) {
            Some(decoded) => out.push(decoded),
            None => return self.error("half a surrogate pair"),
        }
        Ok(())
    }

    fn hex(&mut self) -> Result<u32> {
        if let Some(digits) = self.bytes[self.at..].first_chunk::<4>() {
            let [a, b, c, d] = digits.map(|digit| HEX[usize::from(digit)]);
            if (a | b | c | d) < NOT_HEX {
                self.at += 4;
                return Ok(u32::from(a) << 12
                    | u32::from(b) << 8
                    | u32::from(c) << 4
                    | u32::from(d));
            }
        }
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_hexdigit) {
            self.at += 1;
        }
        self.error("not four hexadecimal digits")
    }

    /// Writes any value in canonical form.
    fn value(&mut self, out: &mut String) -> Result<()> {
        match self.peek() {
            Some(b'"') => self.canonical_string(out),
            Some(b'{') => self.nested(out, Self::object),
            Some(b'[') => self.nested(out, Self::array),
            Some(b't') => self.literal("true", out),
            Some(b'f') => self.literal("false", out),
            Some(b'n') => self.literal("null", out),
            Some(b'-' | b'0'..=b'9') => self.number(out),
            _ => self.error("expected a value"),
        }
    }

    fn canonical_string(&mut self, out: &mut String) -> Result<()> {
        let end = special(self.bytes, self.at + 1);
        if self.bytes.get(end) == Some(&b'"') {
            out.push_str(&self.text[self.at..=end]);
            self.at = end + 1;
            return Ok(());
        }
        self.at += 1;
        let mut decoded = String::new();
        self.string(&mut decoded)?;
        write_string(&decoded, out);
        Ok(())
    }

    fn nested(
        &mut self,
        out: &mut String,
        read: fn(&mut Self, &mut String) -> Result<()>,
    ) -> Result<()> {
        if self.depth == MAX_DEPTH {
            return self.error("nested too deep");
        }
        self.depth += 1;
        self.at += 1;
        read(self, out)?;
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self, out: &mut String) -> Result<()> {
        let base = out.len();
        let mut entries = Vec::new();
        let mut more = !self.closes(b'}');
        while more {
            let start = out.len();
            self.key(out)?;
            let key = start - base..out.len() - base;
            self.value(out)?;
            entries.push((key.clone(), key.end..out.len() - base));
            more = self.goes_on(b'}')?;
        }
        let object = sorted(&out[base..], &mut entries);
        out.truncate(base);
        out.push_str(&object);
        Ok(())
    }

    fn array(&mut self, out: &mut String) -> Result<()> {
        out.push('[');
        let mut more = !self.closes(b']');
        while more {
            self.value(out)?;
            more = self.goes_on(b']')?;
            if more {
                out.push(',');
            }
        }
        out.push(']');
        Ok(())
    }

    fn literal(&mut self, literal: &'static str, out: &mut String) -> Result<()> {
        for &byte in literal.as_bytes() {
            if self.bytes.get(self.at) != Some(&byte) {
                return self.error("expected a value");
            }
            self.at += 1;
        }
        out.push_str(literal);
        Ok(())
    }

    fn number(&mut self, out: &mut String) -> Result<()> {
        let start = self.at;
        self.at += usize::from(self.bytes[start] == b'-');
        let leading_zero = self.bytes.get(self.at) == Some(&b'0');
        let digits = self.digits()?;
        if leading_zero && digits > 1 {
            return self.error("a number with a leading zero");
        }
        let mut integer = true;
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
            integer = false;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
            integer = false;
        }
        let written = &self.text[start..self.at];
        match written.parse::<f64>() {
            Ok(value) if !integer && value.is_finite() => write_f64(value, out),
            _ => out.push_str(written),
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<usize> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start {
            return self.error("expected a digit");
        }
        Ok(self.at - start)
    }
}
