//! Links as QR codes, drawn in the letters of a terminal: two modules above each other are one letter.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Modules that stay light around a code, without which cameras do not find it (ISO/IEC 18004 §9.1).
const QUIET_MODULES: usize = 4;

/// Black on white whatever the terminal's own colours are, and back to those.
const COLOURS: (&str, &str) = ("\x1b[30;107m", "\x1b[0m");

/// How a code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Canvas {
    /// A terminal, which knows colours.
    Terminal,
    /// Anything else: light modules are drawn, as suits light letters on a dark ground.
    Plain,
}

/// The code of a text, line by line. Nothing when the text is too long for one.
pub(super) fn draw(text: &str, canvas: Canvas) -> String {
    // The least correction: a screen is neither torn nor dirty, and smaller codes fit more terminals.
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::L) else {
        return String::new();
    };
    let (width, colours) = (code.width(), code.to_colors());
    let end = width + 2 * QUIET_MODULES;
    let is_dark = |x: usize, y: usize| {
        let (x, y) = (x.wrapping_sub(QUIET_MODULES), y.wrapping_sub(QUIET_MODULES));
        x < width && y < width && colours[y * width + x] == Color::Dark
    };
    let is_drawn = |x, y| y < end && is_dark(x, y) == (canvas == Canvas::Terminal);
    let (before, after) = match canvas {
        Canvas::Terminal => COLOURS,
        Canvas::Plain => ("", ""),
    };
    let mut drawing = String::new();
    for y in (0..end).step_by(2) {
        let line: String = (0..end)
            .map(|x| match (is_drawn(x, y), is_drawn(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            })
            .collect();
        // Writing to a string does not fail.
        let _ = writeln!(drawing, "{before}{line}{after}");
    }
    drawing
}
