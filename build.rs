//! Renders the guide of `book/` by mdBook, so that the program holds its pages and needs no renderer,
//! and lists them for `src/guide`, so that a new chapter needs no line of Rust.

type Anything = Result<(), Box<dyn std::error::Error>>;

fn main() -> Anything {
    println!("cargo:rerun-if-changed=book");
    println!("cargo:rerun-if-changed=src/look");
    #[cfg(feature = "guide")]
    guide::embed(std::path::Path::new(&std::env::var("OUT_DIR")?))?;
    Ok(())
}

#[cfg(feature = "guide")]
mod guide {
    use std::{
        fmt::Write,
        fs, io,
        path::{Path, PathBuf},
    };

    use flate2::{Compression, read::GzEncoder};
    use mdbook_driver::{MDBook, config::Config};

    use super::Anything;

    /// What mdBook writes and ours does not use: files of its own theme, and the pictures, which lie in
    /// `book/images` for both languages.
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

    /// Renders both languages into `out`, and lists their files in `guide.rs` there.
    pub(super) fn embed(out: &Path) -> Anything {
        let mut list = List {
            packed: out.to_owned(),
            ..List::default()
        };
        render(Path::new("book"), &out.join("guide"), &mut list)?;
        fs::write(out.join("guide.rs"), list.source())?;
        Ok(())
    }

    /// Renders both languages below `built` and lists their files.
    fn render(book: &Path, built: &Path, list: &mut List) -> Anything {
        for lang in ["en", "ko"] {
            let root = book.join(lang);
            let built = built.join(lang);
            // Not `MDBook::load`: it would let MDBOOK_ variables of the environment change the guide.
            let mut config = Config::from_disk(root.join("book.toml"))?;
            config.build.build_dir = built.clone();
            MDBook::load_with_config(&root, config)?.build()?;
            tidy(&built)?;
            list.folder(lang, &built)?;
            list.pictures(lang, &built, &book.join("images"))?;
        }
        Ok(())
    }

    /// Removes unused files and inline styles.
    fn tidy(built: &Path) -> Anything {
        let gone = |removed: io::Result<()>| match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        gone(fs::remove_dir_all(built.join("images")))?;
        for name in UNUSED {
            gone(fs::remove_file(built.join(name)))?;
        }
        for entry in fs::read_dir(built)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "html") {
                let page = fs::read_to_string(&path)?;
                let tidied = STYLES
                    .iter()
                    .fold(page, |page, (style, class)| page.replace(style, class));
                fs::write(&path, tidied)?;
            }
        }
        Ok(())
    }

    /// The guide's files by their paths on a web server. What lies under several paths is embedded once,
    /// and by gzip where that makes it smaller.
    #[derive(Default)]
    struct List {
        /// The folder of what was compressed.
        packed: PathBuf,
        contents: Vec<Vec<u8>>,
        entries: String,
        statics: String,
    }

    #[cfg_attr(
        not(feature = "guide"),
        expect(dead_code, reason = "nothing is listed")
    )]
    impl List {
        /// Adds the file at `path` as `name`.
        fn file(&mut self, name: &str, path: &Path) -> Anything {
            let content = fs::read(path)?;
            let known = self.contents.iter().position(|other| *other == content);
            let number = known.unwrap_or(self.contents.len());
            if known.is_none() {
                let path = match name.ends_with(".webp") {
                    true => path.canonicalize()?,
                    false => {
                        let packed = self.packed.join(format!("{number}.gz"));
                        let mut bytes = GzEncoder::new(content.as_slice(), Compression::best());
                        io::copy(&mut bytes, &mut fs::File::create(&packed)?)?;
                        packed
                    }
                };
                writeln!(
                    self.statics,
                    "static FILE_{number}: &[u8] = include_bytes!({path:?});"
                )?;
                self.contents.push(content);
            }
            writeln!(self.entries, "({name:?}, FILE_{number}),")?;
            Ok(())
        }

        /// Adds the pictures that the pages in `built` show.
        fn pictures(&mut self, lang: &str, built: &Path, images: &Path) -> Anything {
            let mut shown = std::collections::BTreeSet::new();
            for entry in fs::read_dir(built)? {
                let path = entry?.path();
                if path.extension().is_some_and(|ending| ending == "html") {
                    let page = fs::read_to_string(&path)?;
                    let named = page.split("\"images/").skip(1);
                    shown.extend(named.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
                }
            }
            for picture in shown {
                self.file(&format!("{lang}/images/{picture}"), &images.join(&picture))?;
            }
            Ok(())
        }

        /// Adds all files of a folder under `name`, in their order.
        fn folder(&mut self, name: &str, folder: &Path) -> Anything {
            let mut entries = fs::read_dir(folder)?
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()?;
            entries.sort();
            for path in entries {
                let name = format!("{name}/{}", path.file_name().unwrap_or_default().display());
                if path.is_dir() {
                    self.folder(&name, &path)?;
                } else {
                    self.file(&name, &path)?;
                }
            }
            Ok(())
        }

        fn source(&self) -> String {
            let Self {
                statics, entries, ..
            } = self;
            format!("{statics}\nstatic FILES: &[(&str, &[u8])] = &[\n{entries}];\n")
        }
    }
}
