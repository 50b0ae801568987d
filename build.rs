//! Lists the guide's sources for `src/guide`, so that a new chapter needs no line of Rust.

use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=book");
    let mut list = String::from("&[\n");
    if env::var_os("CARGO_FEATURE_GUIDE").is_some() {
        let top = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("book");
        add(&top, &top, &mut list)?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("book.rs"), list)?;
    Ok(())
}

/// Adds what lies in `folder`. A folder that is a link stays one, so that its files are not
/// embedded twice; a file that is a link is read where it leads.
fn add(top: &Path, folder: &Path, list: &mut String) -> Result<(), Box<dyn Error>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        let name = path.strip_prefix(top)?;
        if !path.is_dir() {
            writeln!(list, "({name:?}, Source::File(include_bytes!({path:?}))),")?;
        } else if path.is_symlink() {
            let target = fs::read_link(&path)?;
            writeln!(list, "({name:?}, Source::Link({target:?})),")?;
        } else {
            add(top, &path, list)?;
        }
    }
    Ok(())
}
