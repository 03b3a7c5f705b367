//! The slow and obvious twin of the parser, on `serde_json`, and the property that they are equal.

use proptest::prelude::*;
use serde_json::Value;

use super::{Field, JsonError, Scratch, Want, parse};
use crate::Columns;

/// Text, id and metadata by way of a whole tree of values.
fn reference(line: &str) -> Option<(Field, Field, String)> {
    let Ok(Value::Object(mut object)) = serde_json::from_str(line) else { return None };
    let text = field(object.remove("text"));
    let id = field(object.remove("id"));
    Some((text, id, canonical(&Value::Object(object))))
}

fn field(value: Option<Value>) -> Field {
    match value {
        None => Field::Absent,
        Some(Value::Null) => Field::Null,
        Some(Value::String(text)) => Field::String(text),
        Some(Value::Number(number)) if !number.is_f64() => Field::Integer(number.to_string()),
        Some(Value::Number(_)) => Field::Other("a number"),
        Some(Value::Bool(_)) => Field::Other("a boolean"),
        Some(Value::Array(_)) => Field::Other("a list"),
        Some(Value::Object(_)) => Field::Other("an object"),
    }
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_bytes().to_vec());
            let entry = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::String(key.clone()), canonical(value))
            };
            format!("{{{}}}", entries.into_iter().map(entry).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

fn fast(line: &str) -> Result<(Field, Field, String), JsonError> {
    let fields = parse(line, &Columns::default(), Want::Metadata, &mut Scratch::default())?;
    Ok((fields.text, fields.id, fields.metadata))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        // Small numbers: `serde_json` is an ulp off for some long ones, and refuses what overflows.
        (-99_999_999..99_999_999_i64).prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        ".{0,12}".prop_map(Value::from),
        "[\\x00-\\x1f\"\\\\/é💡]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![Just("text".to_owned()), Just("id".to_owned()), "[a-cé\n\"]{0,3}", ".{0,4}"]
}

/// A line of an object whose keys may repeat and whose strings may be escaped more than they must.
fn line() -> impl Strategy<Value = String> {
    let entry = (key(), value(), 0..3_u8);
    prop::collection::vec(entry, 0..6).prop_map(|entries| {
        let entry = |(key, value, style): (String, Value, u8)| {
            let (key, value) = (Value::from(key).to_string(), value.to_string());
            match style {
                0 => format!("{key}:{value}"),
                1 => format!(" {key} :\t{value} "),
                _ => format!("{}:{}", escape(&key), escape(&value)),
            }
        };
        format!("{{{}}}", entries.into_iter().map(entry).collect::<Vec<_>>().join(","))
    })
}

/// All but ASCII as `\uXXXX`, as Python writes it unless told not to.
fn escape(json: &str) -> String {
    let unit = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte < 128 => char::from(byte).to_string(),
        _ => format!("\\u{unit:04X}"),
    };
    json.encode_utf16().map(unit).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn equals_serde_json(line in line()) {
        prop_assert_eq!(fast(&line).ok(), reference(&line));
    }

    #[test]
    fn without_metadata_the_text_the_id_and_the_errors_are_the_same(line in line(), at in any::<prop::sample::Index>(), byte in prop::sample::select(b"{}[]\",:\\u0.-1 \x00tn".to_vec())) {
        let mut broken = line.clone().into_bytes();
        let at = at.index(broken.len());
        broken[at] = byte;
        for line in [Some(line), String::from_utf8(broken).ok()].into_iter().flatten() {
            let less = parse(&line, &Columns::default(), Want::Text, &mut Scratch::default());
            let less = less.map(|fields| (fields.text, fields.id, fields.metadata));
            prop_assert_eq!(less, fast(&line).map(|(text, id, _)| (text, id, "{}".to_owned())));
        }
    }

    #[test]
    fn accepts_and_rejects_what_serde_json_does(line in line(), at in any::<prop::sample::Index>(), byte in prop::sample::select(b"{}[]\",:\\u0.-1 \x00tn".to_vec())) {
        let mut broken = line.into_bytes();
        let at = at.index(broken.len());
        broken[at] = byte;
        if let Ok(broken) = String::from_utf8(broken) {
            prop_assert_eq!(fast(&broken).ok(), reference(&broken));
        }
    }

    #[test]
    fn a_cut_line_is_told_from_a_wrong_one(line in line(), at in any::<prop::sample::Index>()) {
        let cut = line.floor_char_boundary(at.index(line.len()));
        prop_assert!(fast(&line[..cut]).is_err_and(|error| error.ended));
    }
}

#[test]
fn depth_is_bounded_as_in_serde_json() {
    for depth in [120, 125, 126, 127, 128, 5000] {
        let line = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(fast(&line).ok(), reference(&line), "{depth}");
    }
}

#[test]
fn numbers_keep_what_they_say() {
    let line = r#"{"a":123456789012345678901234567890,"b":1e999,"c":-0,"d":1.50,"e":1E2}"#;
    let (_, _, metadata) = fast(line).unwrap_or_default();
    let expected = r#"{"a":123456789012345678901234567890,"b":1e999,"c":-0,"d":1.5,"e":100.0}"#;
    assert_eq!(metadata, expected);
}
