//! The promises of a profile that can be broken.

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The profile is not valid TOML, or has a key or a value that no rule knows.
    #[error("{profile}: {source}")]
    ProfileSyntax {
        /// The name of the profile: a path or a language.
        profile: String,
        /// What the parser said, with the line.
        source: Box<toml::de::Error>,
    },
    /// A threshold is negative or not a number.
    #[error("{profile}: {parameter} is {value}, expected a number that is not negative")]
    BadThreshold {
        /// The name of the profile.
        profile: String,
        /// The parameter of the rule.
        parameter: &'static str,
        /// The value given.
        value: f64,
    },
    /// A group of rules is named twice in the order.
    #[error("{profile}: order names {group} twice")]
    GroupTwice {
        /// The name of the profile.
        profile: String,
        /// The group.
        group: &'static str,
    },
    /// More stop words are asked for than there are.
    #[error("{profile}: min_stop_words is {wanted}, but there are {listed} stop words")]
    TooFewStopWords {
        /// The name of the profile.
        profile: String,
        /// `min_stop_words`.
        wanted: f64,
        /// Distinct stop words listed.
        listed: usize,
    },
    /// A profile is to be fitted, and there is no text to fit it to.
    #[error("{language}: the reference has no documents, expected at least one")]
    NoReference {
        /// The language of the profile.
        language: String,
    },
    /// A method carries English thresholds over, and there is no English text.
    #[error("method {method}: expected English reference text, to carry its thresholds over")]
    NoEnglish {
        /// The method.
        method: &'static str,
    },
    /// Bad words are to be looked for, and there are none.
    #[error("{profile}: order names c4_bad_words, expected its words as [c4_bad_words] words")]
    NoBadWords {
        /// The name of the profile.
        profile: String,
    },
    /// A repair, or a kind of what is private, that there is not.
    #[error("{what}: {name} is unknown, expected one of {known}")]
    UnknownCleaning {
        /// The list that names it.
        what: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A model of fluency cannot be read or made.
    #[error("{model}: {what}")]
    Fluency {
        /// The file of the model, or its language.
        model: String,
        /// What is wrong, and what was expected.
        what: String,
    },
}

/// A result whose error is [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
