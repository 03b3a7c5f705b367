//! The models inside the library, one file each.

use std::sync::LazyLock;

use super::model::Model;

macro_rules! models {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../fluency/", $name, ".gmf")))),*]
    };
}

/// In alphabetical order.
const FILES: &[(&str, &[u8])] = models!("ar" "cs" "de" "en" "es" "fr" "hi" "id" "it" "ja" "ko" "nl" "pl" "pt" "ru" "tr" "uk" "vi" "zh");

type Slot = LazyLock<Option<Model>>;

/// Each is read when it is first asked for. A test reads every file, so none is lost here.
static MODELS: [Slot; 19] = [
    LazyLock::new(|| read(0)),
    LazyLock::new(|| read(1)),
    LazyLock::new(|| read(2)),
    LazyLock::new(|| read(3)),
    LazyLock::new(|| read(4)),
    LazyLock::new(|| read(5)),
    LazyLock::new(|| read(6)),
    LazyLock::new(|| read(7)),
    LazyLock::new(|| read(8)),
    LazyLock::new(|| read(9)),
    LazyLock::new(|| read(10)),
    LazyLock::new(|| read(11)),
    LazyLock::new(|| read(12)),
    LazyLock::new(|| read(13)),
    LazyLock::new(|| read(14)),
    LazyLock::new(|| read(15)),
    LazyLock::new(|| read(16)),
    LazyLock::new(|| read(17)),
    LazyLock::new(|| read(18)),
];

/// The bundled model of a language.
#[must_use]
pub fn shipped(language: &str) -> Option<&'static Model> {
    let place = FILES.binary_search_by_key(&language, |(name, _)| name).ok()?;
    MODELS[place].as_ref()
}

/// The languages that have one, in alphabetical order.
pub fn shipped_languages() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

fn read(place: usize) -> Option<Model> {
    let (name, bytes) = FILES[place];
    Model::from_bytes(bytes, name).ok()
}
