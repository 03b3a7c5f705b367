//! The kinds of edits.

/// Why a stretch of text was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Text decoded by the wrong charset, decoded again.
    Encoding,
    /// A character reference of HTML, resolved.
    Entity,
    /// Tags, comments, scripts and other markup left in text, removed.
    Markup,
    /// Characters that show nothing, removed.
    Invisible,
    /// Letters of another script that look alike, replaced.
    Homoglyph,
    /// A word broken by a hyphen at the end of a line, joined.
    Hyphen,
    /// Letters set apart by spaces, joined.
    Spaced,
    /// A line of consent, navigation or sharing, removed.
    Boilerplate,
    /// A line of symbols, removed.
    Symbols,
    /// A line that C4 leaves out, a citation, or white space around a line.
    C4Lines,
    /// A paragraph of another language, removed.
    Foreign,
    /// An e-mail address, replaced.
    Email,
    /// An IP address, replaced.
    Ip,
    /// A phone number, replaced.
    Phone,
    /// A bank account, replaced.
    Iban,
    /// A number of a payment card, replaced.
    Card,
    /// A key, token or password, replaced.
    Secret,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Encoding,
        Self::Entity,
        Self::Markup,
        Self::Invisible,
        Self::Homoglyph,
        Self::Hyphen,
        Self::Spaced,
        Self::Boilerplate,
        Self::Symbols,
        Self::C4Lines,
        Self::Foreign,
        Self::Email,
        Self::Ip,
        Self::Phone,
        Self::Iban,
        Self::Card,
        Self::Secret,
    ];

    /// Its name in tables, counts and recipes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Entity => "entity",
            Self::Markup => "markup",
            Self::Invisible => "invisible",
            Self::Homoglyph => "homoglyph",
            Self::Hyphen => "hyphen",
            Self::Spaced => "spaced",
            Self::Boilerplate => "boilerplate",
            Self::Symbols => "symbols",
            Self::C4Lines => "c4_lines",
            Self::Foreign => "foreign",
            Self::Email => "email",
            Self::Ip => "ip",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Secret => "secret",
        }
    }

    /// Whether what stood there names a person or opens a door: it is kept nowhere unless asked for.
    #[must_use]
    pub fn is_private(self) -> bool {
        matches!(
            self,
            Self::Email | Self::Ip | Self::Phone | Self::Iban | Self::Card | Self::Secret
        )
    }
}
