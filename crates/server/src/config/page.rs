//! `[page]`: what the call page shows of whom it belongs to, where it is, and who may frame it.

use super::ConfigError;
use super::kinds::{self, Expected};
use super::logo::{self, Logo};
use super::values::{Value, Values};
use super::web_address::{self, Origin, ServerAddress};

/// The languages that the page speaks.
pub const LANGUAGES: [&str; 6] = ["en", "de", "fr", "es", "pt", "ar"];

/// Key and name of every colour that can be set. The page knows each as `--holdspace-` and the name.
const COLOURS: [(&str, &str); 11] = [
    ("page.accent", "accent"),
    ("page.on_accent", "onAccent"),
    ("page.danger", "danger"),
    ("page.on_danger", "onDanger"),
    ("page.background", "background"),
    ("page.surface", "surface"),
    ("page.text", "text"),
    ("page.text_soft", "textSoft"),
    ("page.line", "line"),
    ("page.edge", "edge"),
    ("page.tile", "tile"),
];

const NAME_CHARS_MAX: usize = 60;
const SUPPORT_CHARS_MAX: usize = 200;
const PHONE_CHARS_MAX: usize = 40;

/// Name, looks, support line, addresses.
#[derive(Clone, Debug)]
pub struct Page {
    /// Whose visits these are.
    pub name: Option<String>,
    /// Read from `page.logo_file`.
    pub logo: Option<Logo>,
    /// Those that were set: the name that the page knows it by, and `#rrggbb`.
    pub colours: Vec<(&'static str, String)>,
    /// Whom to call when a visit does not work.
    pub support_phone: Option<String>,
    /// What stands before that number. Never without it.
    pub support_text: Option<String>,
    /// Those that the page offers, of [`LANGUAGES`]. Never empty; the first is for whom none fits.
    pub languages: Vec<&'static str>,
    /// Who may show the page in a frame. Empty: nobody.
    pub frame_ancestors: Vec<Origin>,
    /// Where people reach this server, when that is not where it listens.
    pub public_url: Option<ServerAddress>,
    /// Where the page finds the API, when that is not where the page came from.
    pub api_url: Option<ServerAddress>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            name: None,
            logo: None,
            colours: Vec::new(),
            support_phone: None,
            support_text: None,
            languages: LANGUAGES.to_vec(),
            frame_ancestors: Vec::new(),
            public_url: None,
            api_url: None,
        }
    }
}

impl Page {
    pub(super) fn read(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        let read = Self {
            name: values.read_optional("page.name", line(NAME_CHARS_MAX))?,
            logo: values.read_optional("page.logo_file", logo::read)?,
            colours: read_colours(values)?,
            support_phone: values.read_optional("page.support_phone", phone)?,
            support_text: values.read_optional("page.support_text", line(SUPPORT_CHARS_MAX))?,
            languages: values.read_or("page.languages", languages, default.languages)?,
            frame_ancestors: values.read_or(
                "page.frame_ancestors",
                kinds::list_of(web_address::origin),
                default.frame_ancestors,
            )?,
            public_url: values.read_optional("page.public_url", web_address::server_address)?,
            api_url: values.read_optional("page.api_url", web_address::server_address)?,
        };
        if read.support_text.is_some() && read.support_phone.is_none() {
            return Err(values.refuse("page.support_text", "needs page.support_phone"));
        }
        Ok(read)
    }
}

fn read_colours(values: &mut Values) -> Result<Vec<(&'static str, String)>, ConfigError> {
    let mut colours = Vec::new();
    for (key, name) in COLOURS {
        if let Some(colour) = values.read_optional(key, colour)? {
            colours.push((name, colour));
        }
    }
    Ok(colours)
}

fn colour(value: &Value) -> Result<String, Expected> {
    let text = kinds::text(value)?;
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Expected::new("must be a colour like #2f6f62"))
    }
}

/// One line of text.
fn line(chars_max: usize) -> impl Fn(&Value) -> Result<String, Expected> {
    move |value| {
        let text = kinds::text(value)?;
        if text.chars().count() <= chars_max && !text.chars().any(char::is_control) {
            Ok(text)
        } else {
            Err(Expected(format!(
                "must be one line of at most {chars_max} letters"
            )))
        }
    }
}

/// What people write of a number, and what a link can call.
fn phone(value: &Value) -> Result<String, Expected> {
    let text = kinds::text(value)?;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_phone = text.len() <= PHONE_CHARS_MAX
        && digits >= 3
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+ ()-./".contains(&byte));
    if is_phone {
        Ok(text)
    } else {
        Err(Expected::new("must be a number like +49 30 1234567"))
    }
}

fn languages(value: &Value) -> Result<Vec<&'static str>, Expected> {
    let expected = || {
        Expected(format!(
            "must be a list of {}, each once",
            LANGUAGES.join(", ")
        ))
    };
    let mut found = Vec::new();
    for word in kinds::list(value)? {
        let known = LANGUAGES.into_iter().find(|one| *one == word);
        let language = known.filter(|one| !found.contains(one));
        found.push(language.ok_or_else(expected)?);
    }
    if found.is_empty() {
        return Err(expected());
    }
    Ok(found)
}
