//! Both books as the program has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use loadgen::lang::Lang;
use pulldown_cmark::HeadingLevel;

use super::page::{self, Page};

/// Every text file of the guide by its path: `en/install.html`.
static GUIDE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    loadgen::guide::write(folder.path(), Lang::En).expect("both books");
    let mut files = BTreeMap::new();
    read(folder.path(), "", &mut files);
    files
});

fn read(folder: &Path, under: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let name = format!("{under}{name}");
        if path.is_dir() {
            read(&path, &format!("{name}/"), files);
        } else {
            // Pictures are only known to be there.
            files.insert(name, fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

/// The pages: chapters, the whole book on one page, and the front page.
pub fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = GUIDE.iter().filter(|(name, _)| name.ends_with(".html"));
    files.map(|(name, text)| (name.as_str(), text.as_str()))
}

/// The start tags of `html`, without their brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .filter_map(|part| part.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn is(tag: &str, name: &str) -> bool {
    tag.split_whitespace().next() == Some(name)
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// Where `link` on the page `from` leads: the file, and the anchor on it.
fn target(from: &str, link: &str) -> (String, Option<String>) {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    if path.is_empty() {
        return (from.to_owned(), anchor);
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    (parts.join("/"), anchor)
}

fn is_foreign(link: &str) -> bool {
    link.contains("://") || link.starts_with("//") || link.starts_with("mailto:")
}

#[test]
fn every_internal_link_and_anchor_resolves() {
    let mut wrong = Vec::new();
    for (name, html) in pages() {
        for link in tags(html)
            .filter(|tag| is(tag, "a"))
            .filter_map(|tag| attribute(tag, "href"))
        {
            // Addresses that a chapter names to be opened while something runs.
            if is_foreign(link) {
                continue;
            }
            let (file, anchor) = target(name, link);
            let found = match (GUIDE.get(&file), anchor) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(page), Some(anchor)) => {
                    tags(page).any(|tag| attribute(tag, "id") == Some(anchor.as_str()))
                }
            };
            if !found {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "links that lead nowhere:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn links_to_other_sites_are_encrypted() {
    for (name, html) in pages() {
        for link in tags(html).filter_map(|tag| attribute(tag, "href")) {
            let here =
                link.starts_with("http://127.0.0.1:") || link.starts_with("http://localhost:");
            assert!(here || !link.starts_with("http://"), "{name}: {link}");
        }
    }
}

#[test]
fn nothing_external_is_loaded() {
    let mut loaded = BTreeSet::new();
    for (name, html) in pages() {
        for tag in tags(html).filter(|tag| !is(tag, "a")) {
            for kind in [
                "src",
                "srcset",
                "href",
                "action",
                "data",
                "poster",
                "xlink:href",
            ] {
                loaded.extend(attribute(tag, kind).map(|link| (name, link)));
            }
        }
    }
    for (name, style) in GUIDE.iter().filter(|(name, _)| name.ends_with(".css")) {
        assert!(
            !style.contains("url(") && !style.contains("@import"),
            "{name}"
        );
    }
    for (name, script) in GUIDE.iter().filter(|(name, _)| name.ends_with(".js")) {
        assert!(
            !script.contains("://") && !script.contains("import("),
            "{name}"
        );
    }
    assert!(loaded.len() > 4, "the test sees what is loaded: {loaded:?}");
    for (name, link) in loaded {
        assert!(!is_foreign(link), "{name} loads {link}");
        let (file, _) = target(name, link);
        assert!(
            GUIDE.contains_key(&file),
            "{name} loads {link}, which is not there"
        );
    }
}

#[test]
fn no_page_has_what_the_policy_of_the_server_forbids() {
    for (name, html) in pages() {
        for tag in tags(html) {
            assert!(attribute(tag, "style").is_none(), "{name}: <{tag}>");
            let event = tag.split(" on").skip(1).any(|rest| {
                rest.split_once("=\"")
                    .is_some_and(|(name, _)| name.chars().all(char::is_alphabetic))
            });
            assert!(!event, "{name}: <{tag}> handles an event");
            assert!(!is(tag, "style"), "{name}: <{tag}>");
            let inline = is(tag, "script") && attribute(tag, "src").is_none();
            assert!(!inline, "{name}: <{tag}>");
        }
    }
}

#[test]
fn pictures_come_in_both_themes_with_their_size_and_a_text() {
    let mut wrong = Vec::new();
    for (name, html) in pages() {
        for (at, _) in html.match_indices("<img ") {
            let tag = tags(&html[at..]).next().expect("the picture's tag");
            let mut say = |why: &str| wrong.push(format!("{name}: {why}: <{tag}>"));
            let before = &html[..at];
            let inside = before.rfind("<picture>") > before.rfind("</picture>");
            let source = attribute(tag, "src").unwrap_or_default();
            let dark = source.replace("-light.", "-dark.");
            let chooses =
                format!(r#"<source srcset="{dark}" media="(prefers-color-scheme: dark)""#);
            if attribute(tag, "alt").is_none_or(|alt| alt.chars().count() < 20) {
                say("a text says what is to be seen");
            }
            if !source.contains("-light.") || !inside || !before.contains(&chooses) {
                say("a <picture> offers the dark one too");
            }
            let size = |name: &str| attribute(tag, name).and_then(|size| size.parse().ok());
            let file = page::root().join("book").join(source);
            let real = webp_size(&file);
            let shown = size("width").zip(size("height"));
            // One that is shown at half its size is sharp on dense screens.
            let halved = real.map(|(width, height)| (width / 2, height / 2));
            if real.is_none() || (shown != real && shown != halved) {
                say(&format!("the size is {real:?}"));
            }
            if webp_size(&page::root().join("book").join(&dark)) != real {
                say("the dark one is missing or of another size");
            }
        }
        for figure in tags(html).filter(|tag| is(tag, "figure")) {
            let told =
                attribute(figure, "aria-label").is_some_and(|label| label.chars().count() > 20);
            if !told || attribute(figure, "role") != Some("img") {
                wrong.push(format!(
                    "{name}: a drawing says what is to be seen: <{figure}>"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Width and height from the head of a WebP file without loss: 14 bits each, less one.
fn webp_size(file: &Path) -> Option<(u32, u32)> {
    let bytes = fs::read(file).ok()?;
    let head = u32::from_le_bytes(bytes.get(21..25)?.try_into().ok()?);
    let side = |bits: u32| (bits & 0x3fff) + 1;
    (bytes.get(8..16) == Some(b"WEBPVP8L")).then(|| (side(head), side(head >> 14)))
}

#[test]
fn every_heading_has_an_anchor_of_its_own() {
    let mut wrong = Vec::new();
    for lang in ["en", "ko"] {
        for chapter in page::chapters(lang) {
            wrong.extend(bad_headings(&chapter));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn bad_headings(chapter: &Page) -> Vec<String> {
    let headings = chapter.headings();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let tops = headings
        .iter()
        .filter(|heading| heading.level == HeadingLevel::H1);
    if tops.count() != 1 {
        wrong.push("one heading of level 1".to_owned());
    }
    for heading in &headings {
        let title = &heading.title;
        match &heading.id {
            None => wrong.push(format!("`{title}` has no {{#anchor}}")),
            Some(id) if !seen.insert(id.clone()) => wrong.push(format!("`#{id}` is there twice")),
            Some(id) => {
                let plain =
                    |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
                // On the page that has the whole book, mdBook makes anchors unique with numbers.
                let numbered = id
                    .rsplit_once('-')
                    .is_some_and(|(_, end)| end.parse::<u32>().is_ok());
                if !id.chars().all(plain) || numbered {
                    wrong.push(format!(
                        "`#{id}` must be of a-z0-9_- and not end in a number"
                    ));
                }
            }
        }
    }
    wrong
        .iter()
        .map(|why| format!("{}: {why}", chapter.name))
        .collect()
}

#[test]
fn no_chapter_is_left_out_of_the_contents() {
    for lang in ["en", "ko"] {
        let listed: BTreeSet<String> = page::chapters(lang)
            .iter()
            .map(|chapter| chapter.file().to_owned())
            .collect();
        for entry in
            fs::read_dir(page::root().join("book").join(lang).join("src")).expect("sources")
        {
            let name = entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned();
            let is_chapter = name.ends_with(".md") && name != "SUMMARY.md";
            assert!(!is_chapter || listed.contains(&name), "{lang}: {name}");
        }
    }
}

#[test]
fn the_readme_links_to_what_is_there() {
    for name in [
        "README.md",
        "README.ko.md",
        "CONTRIBUTING.md",
        "book/README.md",
    ] {
        let path = page::root().join(name);
        let Ok(text) = fs::read_to_string(&path) else {
            assert!(name.ends_with(".ko.md"), "{name} is missing");
            continue;
        };
        let html = {
            let mut html = String::new();
            let parser = pulldown_cmark::Parser::new(&text);
            for event in parser {
                use pulldown_cmark::{Event, Tag};
                match event {
                    Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                        html.push_str(&format!("<a href=\"{dest_url}\">"));
                    }
                    Event::Html(raw) | Event::InlineHtml(raw) => html.push_str(&raw),
                    _ => {}
                }
            }
            html
        };
        for tag in tags(&html) {
            for kind in ["href", "src", "srcset"] {
                let Some(link) = attribute(tag, kind).filter(|link| !is_foreign(link)) else {
                    continue;
                };
                let (file, anchor) = target(name, link);
                let file = page::root().join(file);
                assert!(file.exists(), "{name}: {link}");
                if let (Some(anchor), true) = (
                    anchor,
                    file.components().any(|part| part.as_os_str() == "book"),
                ) {
                    let ids: Vec<_> = Page::read(&file)
                        .headings()
                        .into_iter()
                        .filter_map(|heading| heading.id)
                        .collect();
                    assert!(ids.contains(&anchor), "{name}: {link}");
                }
            }
        }
    }
}
