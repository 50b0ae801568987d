//! The frame of a document that needs no other file and runs no script.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    lang::{Lang, Text},
    look,
};

/// What documents without any other file differ in.
pub struct DocumentFrame<'a> {
    pub lang: Lang,
    pub title: &'a str,
    /// The class of the body.
    pub class: &'a str,
    /// Styles beside those that all documents share.
    pub style: &'a str,
    /// What names the program that wrote it, where a program looks for that.
    pub made_by: Markup,
}

impl DocumentFrame<'_> {
    /// The document with this body.
    pub fn around(&self, body: &Markup) -> Markup {
        let style = format!("{}\n{}", look::STYLESHEET, self.style);
        html! {
            (DOCTYPE)
            html lang=(self.lang) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy(&style));
                    (self.made_by)
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) " · loadgen" }
                    link rel="icon" type="image/svg+xml" href=(icon());
                    style { (PreEscaped(&style)) }
                }
                body class=(self.class) { (body) }
            }
        }
    }
}

/// The icon of the browser's tab, as an address.
/// A section with its heading, whose id it is known by.
pub fn section(id: &str, heading: Text, inside: &Markup) -> Markup {
    html! {
        section.section aria-labelledby=(id) {
            h2 id=(id) { (heading) }
            (inside)
        }
    }
}

fn icon() -> String {
    let icon = STANDARD.encode(look::ICON_SVG);
    format!("data:image/svg+xml;base64,{icon}")
}

/// Lets in this one stylesheet, named by its hash, and the icon. No script: data blocks are none.
fn policy(style: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        STANDARD.encode(hash)
    )
}
