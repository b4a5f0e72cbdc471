//! Text that becomes HTML: what comes from the document is escaped.

/// A page in the making.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text, escaped.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// An element with text in it, where `code` between backticks is code.
    pub(super) fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.raw("<").raw(name).raw(">");
        for (index, part) in text.split('`').enumerate() {
            if index % 2 == 1 {
                self.raw("<code>").text(part).raw("</code>");
            } else {
                self.text(part);
            }
        }
        self.raw("</").raw(name).raw(">")
    }

    /// Paragraphs, which empty lines part.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
            self.element("p", paragraph);
        }
    }

    /// A path whose parameters stand out.
    pub(super) fn template(&mut self, path: &str) -> &mut Self {
        for part in path.split_inclusive(['{', '}']) {
            if let Some(before) = part.strip_suffix('{') {
                self.text(before).raw("<var>{");
            } else if let Some(name) = part.strip_suffix('}') {
                self.text(name).raw("}</var>");
            } else {
                self.text(part);
            }
        }
        self
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_code_is_marked() {
        let mut page = Html::default();
        page.element("p", "a < `b & c`").template("/x/{id}/y");
        let expected = "<p>a &lt; <code>b &amp; c</code></p>/x/<var>{id}</var>/y";
        assert_eq!(page.into_string(), expected);
    }
}
