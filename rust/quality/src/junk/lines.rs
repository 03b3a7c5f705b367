//! Lines of lists, menus and banners.

use super::kinds::{Kind, script};

/// A line this wide or less is short; a character of Han or Hangul is two wide.
const SHORT: u64 = 60;
/// Fewer lines make no list.
const FEWEST: u64 = 10;

/// Lines that are not blank, lines of a list, characters, characters of lines that ask for consent, broken words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineCounts {
    pub(crate) lines: u64,
    /// Short, and without the end of a sentence.
    pub(crate) list: u64,
    pub(crate) bytes: u64,
    /// Bytes of lines that hold a phrase of a consent banner, or are one of its buttons; and how many are.
    consent: u64,
    phrases: u64,
    buttons: u64,
    /// Line ends that split a word with a hyphen.
    pub(crate) split: u64,
}

impl LineCounts {
    pub(crate) fn of(text: &str) -> Self {
        let mut counts = Self::default();
        let mut hyphen = false;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            counts.lines += 1;
            counts.bytes += line.len() as u64;
            counts.split += u64::from(hyphen && line.starts_with(char::is_lowercase));
            hyphen = ends_in_hyphen(line);
            counts.list += u64::from(is_list_line(line));
            counts.banner(line);
        }
        counts
    }

    fn banner(&mut self, line: &str) {
        if line.len() > LONGEST_CONSENT {
            return;
        }
        let lower = line.to_lowercase();
        let button = BUTTONS.contains(&lower.trim_matches(|c: char| !c.is_alphanumeric()));
        let phrase = !button && is_consent(&lower);
        self.buttons += u64::from(button);
        self.phrases += u64::from(phrase);
        self.consent += if button || phrase { line.len() as u64 } else { 0 };
    }

    /// Bytes of the lines of a banner: text about cookies has no buttons.
    pub(crate) fn consent_bytes(&self) -> u64 {
        if self.buttons > 0 && self.buttons + self.phrases > 1 { self.consent } else { 0 }
    }

    /// Lines of a list of all lines; `None` where there are too few.
    pub(crate) fn list_lines(&self) -> Option<(u64, u64)> {
        (self.lines >= FEWEST).then_some((self.list, self.lines))
    }
}

fn ends_in_hyphen(line: &str) -> bool {
    line.strip_suffix('-').is_some_and(|before| before.ends_with(char::is_alphabetic))
}

fn is_list_line(line: &str) -> bool {
    !line.ends_with(['.', '!', '?', '。', '！', '？', '؟', '।', '…']) && width(line) <= SHORT
}

fn width(line: &str) -> u64 {
    if line.len() as u64 > 4 * SHORT {
        return u64::MAX;
    }
    let wide = |c| matches!(Kind::of(c).script(), script::HAN | script::HANGUL);
    line.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// Longest line of a banner, in bytes.
const LONGEST_CONSENT: usize = 600;

/// Whether a line in lower case holds a phrase of a consent banner.
fn is_consent(lower: &str) -> bool {
    CONSENT.iter().any(|phrase| lower.contains(phrase))
}

/// Phrases of sentences, in lower case.
const CONSENT: &[&str] = &[
    "cookie",
    "куки",
    "ملفات تعريف الارتباط",
    "çerez",
    "クッキー",
    "쿠키",
    "gdpr",
    "личных данных",
    "privacy policy",
    "политикой конфиденциальности",
    "политика конфиденциальности",
    "datenschutz",
    "politique de confidentialité",
    "politica de privacidad",
    "política de privacidad",
    "informativa sulla privacy",
    "隐私政策",
    "プライバシーポリシー",
    "개인정보 처리방침",
    "개인정보처리방침",
    "سياسة الخصوصية",
    "gizlilik politika",
    "політик конфіденційності",
    "політику конфіденційності",
    "polityk prywatności",
    "politykę prywatności",
    "polityka prywatności",
    "zásady ochrany osobních údajů",
    "chính sách bảo mật",
    "chính sách quyền riêng tư",
];

/// Labels of buttons: whole lines, in lower case, without signs at their ends.
const BUTTONS: &[&str] = &[
    "accept all",
    "accept",
    "reject all",
    "reject",
    "decline",
    "manage preferences",
    "manage options",
    "settings",
    "customise",
    "customize",
    "preferences",
    "i agree",
    "agree",
    "learn more",
    "allow all",
    "принять все",
    "принять",
    "отклонить",
    "отклонить все",
    "настройки",
    "подробнее",
    "согласен",
    "alle akzeptieren",
    "akzeptieren",
    "alle ablehnen",
    "ablehnen",
    "einstellungen",
    "mehr erfahren",
    "zustimmen",
    "tout accepter",
    "accepter",
    "tout refuser",
    "refuser",
    "paramétrer",
    "personnaliser",
    "paramètres",
    "en savoir plus",
    "continuer sans accepter",
    "aceptar todo",
    "aceptar todas",
    "aceptar",
    "rechazar todo",
    "rechazar todas",
    "rechazar",
    "configurar",
    "configuración",
    "más información",
    "accetta tutto",
    "accetta tutti",
    "accetta",
    "rifiuta tutto",
    "rifiuta tutti",
    "rifiuta",
    "impostazioni",
    "personalizza",
    "gestisci preferenze",
    "aceitar tudo",
    "aceitar todos",
    "aceitar",
    "rejeitar",
    "rejeitar tudo",
    "rejeitar todos",
    "definições",
    "configurações",
    "saiba mais",
    "接受全部",
    "全部接受",
    "接受",
    "拒绝",
    "全部拒绝",
    "设置",
    "了解更多",
    "同意",
    "すべて受け入れる",
    "すべて許可",
    "同意する",
    "拒否",
    "拒否する",
    "すべて拒否",
    "設定",
    "詳細",
    "모두 동의",
    "모두 수락",
    "동의",
    "거부",
    "모두 거부",
    "설정",
    "자세히 보기",
    "قبول الكل",
    "قبول",
    "رفض",
    "رفض الكل",
    "الإعدادات",
    "إعدادات",
    "tümünü kabul et",
    "kabul et",
    "reddet",
    "tümünü reddet",
    "ayarlar",
    "прийняти все",
    "прийняти",
    "відхилити",
    "налаштування",
    "zaakceptuj wszystko",
    "akceptuj wszystko",
    "odrzuć",
    "odrzuć wszystko",
    "ustawienia",
    "přijmout vše",
    "odmítnout",
    "odmítnout vše",
    "nastavení",
    "chấp nhận",
    "chấp nhận tất cả",
    "từ chối",
    "cài đặt",
];
