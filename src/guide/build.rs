//! From Markdown to a folder of pages that any web server can serve.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mdbook_driver::{MDBook, config::Config};

use super::sources;
use crate::lang::{Lang, texts};

/// Both languages, each in a folder of its own.
const LANGS: [Lang; 2] = [Lang::En, Lang::Ko];

/// Marks the front page of a guide that loadgen built.
const GENERATOR: &str = r#"<meta name="generator" content="loadgen guide">"#;

/// Files of mdBook's own theme that ours does not load.
const UNUSED: [&str; 9] = [
    "ayu-highlight.css",
    "clipboard.min.js",
    "css/chrome.css",
    "css/print.css",
    "highlight.css",
    "highlight.js",
    "toc.html",
    "toc.js",
    "tomorrow-night.css",
];

/// Inline styles that mdBook writes and the pages' Content-Security-Policy forbids, and the theme's
/// class for each.
const STYLES: [(&str, &str); 4] = [
    (r#"style="text-align: left""#, r#"class="left""#),
    (r#"style="text-align: center""#, r#"class="center""#),
    (r#"style="text-align: right""#, r#"class="number""#),
    (
        r#"style="break-before: page; page-break-before: always;""#,
        r#"class="new-page""#,
    ),
];

texts! {
    const;
    occupied(folder: String): "the folder `{}` is not empty and holds no earlier guide; name a new folder with --out",
        "`{}`: 비어 있지 않고 이전 가이드도 아닌 폴더입니다. --out으로 새 폴더를 지정하세요";
    not_written(folder: String, why: String): "the guide cannot be written to `{}`: {}", "가이드를 `{}`에 쓸 수 없습니다: {}";
    not_built(lang: String, why: &str): "the guide in `{}` cannot be built: {}", "`{}` 가이드를 만들 수 없습니다: {}";
}

/// Why the guide cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum GuideError {
    /// The folder has files that are not a guide.
    #[error("{}", occupied(.0.display().to_string()))]
    Occupied(PathBuf),
    /// A folder or file cannot be read or written.
    #[error("{}", not_written(.folder.display().to_string(), error.to_string()))]
    Write {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// mdBook refuses the sources.
    #[error("{}", not_built(lang.to_string(), .why))]
    Book {
        /// The language.
        lang: Lang,
        /// What mdBook said, from the outermost cause to the innermost.
        why: String,
    },
}

/// Builds both languages into `folder`, with a front page that redirects to `lang`. An earlier guide
/// in it is replaced.
///
/// # Errors
/// A folder that has other files in it, or cannot be written.
pub fn build(folder: &Path, lang: Lang) -> Result<(), GuideError> {
    let unable = |error| GuideError::Write {
        folder: folder.to_owned(),
        error,
    };
    if !is_free(folder).map_err(unable)? {
        return Err(GuideError::Occupied(folder.to_owned()));
    }
    fs::create_dir_all(folder).map_err(unable)?;
    // mdBook reads relative paths from the book's folder.
    let folder = folder.canonicalize().map_err(unable)?;
    let sources = tempfile::tempdir().map_err(unable)?;
    sources::unpack(sources.path()).map_err(unable)?;
    for lang in LANGS {
        let built = folder.join(lang.to_string());
        book(sources.path(), lang, &built)?;
        tidy(&built).map_err(unable)?;
    }
    fs::write(folder.join("index.html"), front_page(lang)).map_err(unable)
}

/// Whether `folder` is new, empty, or an earlier guide.
fn is_free(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
        Ok(mut entries) => Ok(entries.next().is_none()
            || fs::read_to_string(folder.join("index.html"))
                .is_ok_and(|page| page.contains(GENERATOR))),
    }
}

fn book(sources: &Path, lang: Lang, built: &Path) -> Result<(), GuideError> {
    let root = sources.join(lang.to_string());
    // Not `MDBook::load`: it would let MDBOOK_ variables of the environment change the guide.
    Config::from_disk(root.join("book.toml"))
        .and_then(|mut config| {
            config.build.build_dir = built.to_owned();
            MDBook::load_with_config(&root, config)?.build()
        })
        .map_err(|error| GuideError::Book {
            lang,
            why: format!("{error:#}"),
        })
}

/// Removes unused files and inline styles.
fn tidy(built: &Path) -> io::Result<()> {
    for name in UNUSED {
        match fs::remove_file(built.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    for entry in fs::read_dir(built)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            let page = fs::read_to_string(&path)?;
            let tidied = STYLES
                .iter()
                .fold(page, |page, (style, class)| page.replace(style, class));
            fs::write(&path, tidied)?;
        }
    }
    Ok(())
}

/// The page that links to both languages.
fn front_page(lang: Lang) -> String {
    format!(
        r#"<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<title>loadgen</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{GENERATOR}
<meta http-equiv="refresh" content="0; url={lang}/index.html">
<link rel="icon" href="{lang}/favicon.svg">
<link rel="stylesheet" href="{lang}/css/variables.css">
</head>
<body>
<main>
<h1>loadgen</h1>
<p><a href="en/index.html" lang="en">The guide in English</a></p>
<p><a href="ko/index.html" lang="ko">한국어 가이드</a></p>
</main>
</body>
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::assert_korean;

    #[test]
    fn every_error_is_said_in_korean() {
        assert_korean([
            GuideError::Occupied("/book".into()),
            GuideError::Write {
                folder: "/book".into(),
                error: io::Error::other("full"),
            },
            GuideError::Book {
                lang: Lang::Ko,
                why: "broken".to_owned(),
            },
        ]);
    }

    #[test]
    fn a_folder_that_holds_something_else_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = folder.path().join("en");
        fs::write(&kept, "the reader's own").expect("a file");
        let refused = build(folder.path(), Lang::En);
        assert!(
            matches!(refused, Err(GuideError::Occupied(_))),
            "{refused:?}"
        );
        assert_eq!(fs::read_to_string(kept).expect("kept"), "the reader's own");
    }

    #[test]
    fn an_earlier_guide_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        build(folder.path(), Lang::En).expect("the guide");
        let old = folder.path().join("en/no-chapter-any-more.html");
        fs::write(&old, "").expect("a file");
        build(folder.path(), Lang::Ko).expect("the guide again");
        assert!(!old.exists());
        let front = fs::read_to_string(folder.path().join("index.html")).expect("the front page");
        assert!(front.contains("url=ko/index.html"));
    }
}
