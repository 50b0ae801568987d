//! The guide as a folder of pages that any web server can serve.

use std::{fs, io, path::Path};

use super::{FILES, unpacked};
use crate::lang::{Lang, Phrase, texts};

/// Marks the front page of a guide that loadgen built.
const GENERATOR: &str = r#"<meta name="generator" content="loadgen guide">"#;

texts! {
    const;
    occupied(folder: String): "the folder `{}` is not empty and holds no earlier guide; name a new folder with --out",
        "`{}`: 비어 있지 않고 이전 가이드도 아닌 폴더입니다. --out으로 새 폴더를 지정하세요";
    not_written(folder: String, why: String): "the guide cannot be written to `{}`: {}", "가이드를 `{}`에 쓸 수 없습니다: {}";
}

/// Writes both languages into `folder`, with a front page that redirects to `lang`. An earlier guide
/// in it is replaced.
///
/// # Errors
/// A folder that has other files in it, or cannot be written.
pub fn write(folder: &Path, lang: Lang) -> Result<(), Phrase> {
    let shown = || folder.display().to_string();
    let unable = |error: io::Error| not_written(shown(), error.to_string());
    if !is_free(folder).map_err(unable)? {
        return Err(occupied(shown()));
    }
    replace(folder, lang).map_err(unable)
}

fn replace(folder: &Path, lang: Lang) -> io::Result<()> {
    for lang in [Lang::En, Lang::Ko] {
        let earlier = folder.join(lang.to_string());
        if earlier.exists() {
            fs::remove_dir_all(earlier)?;
        }
    }
    for (name, content) in FILES {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, unpacked(name, content)?)?;
    }
    fs::write(folder.join("index.html"), front_page(lang))
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

/// The page that links to both languages.
pub(super) fn front_page(lang: Lang) -> String {
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
            occupied("/book".into()),
            not_written("/book".into(), "full".into()),
        ]);
    }

    #[test]
    fn a_folder_that_holds_something_else_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = folder.path().join("en");
        fs::write(&kept, "the reader's own").expect("a file");
        let refused = write(folder.path(), Lang::En);
        let folder = folder.path().display().to_string();
        assert_eq!(refused, Err(occupied(folder)));
        assert_eq!(fs::read_to_string(kept).expect("kept"), "the reader's own");
    }

    #[test]
    fn an_earlier_guide_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), Lang::En).expect("the guide");
        let old = folder.path().join("en/no-chapter-any-more.html");
        fs::write(&old, "").expect("a file");
        write(folder.path(), Lang::Ko).expect("the guide again");
        assert!(!old.exists());
        let front = fs::read_to_string(folder.path().join("index.html")).expect("the front page");
        assert!(front.contains("url=ko/index.html"));
    }
}
