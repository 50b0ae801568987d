//! Whether the code of a function was changed: that is a deployment.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::Path,
};

/// How many files are looked at.
const MOST: usize = 2_000;

/// Folders that hold no code of the reader's own.
const LEFT_OUT: [&str; 3] = ["node_modules", "__pycache__", ".git"];

/// A number that is another one once a file in `folder` has been added, removed or written to. Of large
/// folders not every file is looked at.
pub(super) fn fingerprint(folder: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut left = MOST;
    add(folder, &mut hasher, &mut left);
    hasher.finish()
}

fn add(folder: &Path, hasher: &mut DefaultHasher, left: &mut usize) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        // A link is not followed: it may lead around in a circle.
        let Ok(found) = entry.metadata() else {
            continue;
        };
        if *left == 0 {
            return;
        }
        *left -= 1;
        if found.is_dir() {
            if !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
                add(&entry.path(), hasher, left);
            }
        } else {
            (entry.path(), found.len(), found.modified().ok()).hash(hasher);
        }
    }
}
