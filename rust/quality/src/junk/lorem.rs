//! Lorem ipsum: text that stands for text.

/// Words of the passage and of what generators add, in alphabetical order.
const WORDS: &[&str] = &[
    "ad",
    "adipiscing",
    "adipisicing",
    "aliqua",
    "aliquip",
    "amet",
    "anim",
    "aute",
    "cillum",
    "commodo",
    "consectetur",
    "consequat",
    "culpa",
    "cupidatat",
    "deserunt",
    "do",
    "dolor",
    "dolore",
    "duis",
    "ea",
    "eiusmod",
    "elit",
    "enim",
    "esse",
    "est",
    "et",
    "eu",
    "ex",
    "excepteur",
    "exercitation",
    "fugiat",
    "id",
    "in",
    "incididunt",
    "ipsum",
    "irure",
    "labore",
    "laboris",
    "laborum",
    "lorem",
    "magna",
    "minim",
    "mollit",
    "nisi",
    "non",
    "nostrud",
    "nulla",
    "occaecat",
    "officia",
    "pariatur",
    "proident",
    "qui",
    "quis",
    "reprehenderit",
    "sed",
    "sint",
    "sit",
    "sunt",
    "tempor",
    "ullamco",
    "ut",
    "velit",
    "veniam",
    "voluptate",
];

/// Words of the passage, and words, of the first 4 KiB. Texts without `dolor` or `lorem` have none.
pub(crate) fn words(text: &str) -> (u64, u64) {
    let text = &text[..text.floor_char_boundary(text.len().min(4096))];
    let (mut found, mut all) = (0, 0);
    let begins = memchr::memmem::find(text.as_bytes(), b"ipsum").is_some()
        || memchr::memmem::find(text.as_bytes(), b"dolor").is_some();
    if !begins {
        return (0, 1);
    }
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        all += 1;
        found += u64::from(WORDS.binary_search(&word.to_lowercase().as_str()).is_ok());
    }
    (found, all.max(1))
}
