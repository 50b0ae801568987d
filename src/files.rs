//! Files in folders that other users may have prepared. Nothing is read without a bound, written
//! through a symbolic link, or written by two runs at once.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::Path,
};

use crate::lang::texts;

texts! {
    const;
    NOT_REGULAR: "it is no regular file", "일반 파일이 아닙니다";
    too_large(most: u64): "it is larger than {} bytes", "{}바이트보다 큽니다";
}

/// The largest file of settings, keys or certificates, in bytes.
pub const LARGEST: u64 = 16 * 1024 * 1024;

/// Opens a regular file: a named pipe would keep the reader waiting.
///
/// # Errors
/// When it is something else, or the system refuses.
pub fn open(path: &Path) -> io::Result<File> {
    match fs::metadata(path)? {
        found if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        found if !found.is_file() => Err(io::Error::other(NOT_REGULAR.to_string())),
        _ => File::open(path),
    }
}

/// The content of a regular file of at most this many bytes.
///
/// # Errors
/// When it is something else or larger, or the system refuses.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    bounded(open(path)?, most)
}

/// The same of a text.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// What is read to its end, at most this many bytes.
///
/// # Errors
/// When it is more, or cannot be read.
pub fn bounded(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::other(too_large(most).to_string())),
        false => Ok(bytes),
    }
}

/// Creates a file and replaces an existing one. A link is replaced, not followed.
///
/// # Errors
/// When the system refuses.
pub fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::options().write(true).create_new(true).open(path),
    }
}

/// Replaces a file atomically: writes a new file beside it and renames that into place.
///
/// # Errors
/// When the system refuses.
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let partial = path.with_extension("partial");
    let mut file = create(&partial)?;
    let written = write(&mut file).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // The error is reported whether or not the partial file can be removed.
        let _ = fs::remove_file(&partial);
    }
    written
}

/// Locks a folder until the returned file is dropped or the process ends. None if another process
/// holds the lock. On a system that cannot lock folders, every caller gets the folder.
///
/// # Errors
/// When there is no such folder.
pub fn lock(folder: &Path) -> io::Result<Option<File>> {
    let file = File::open(folder)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(file)),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn a_link_is_replaced_and_what_it_leads_to_is_left_alone() {
        let place = tempfile::tempdir().expect("a folder");
        let (link, elsewhere) = (place.path().join("latest"), place.path().join("elsewhere"));
        fs::write(&elsewhere, "theirs").expect("written");
        for partial in [false, true] {
            symlink(&elsewhere, &link).expect("a link");
            if partial {
                symlink(&elsewhere, link.with_extension("partial")).expect("a link");
            }
            replace(&link, |file| file.write_all(b"ours")).expect("replaced");
            assert_eq!(fs::read(&link).expect("read"), b"ours");
            assert_eq!(fs::read(&elsewhere).expect("read"), b"theirs");
            fs::remove_file(&link).expect("removed");
        }
    }

    #[test]
    fn what_is_no_file_or_too_large_is_not_read() {
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("file");
        fs::write(&file, [7; 10]).expect("written");
        assert_eq!(read(&file, 10).expect("read").len(), 10);
        assert!(read(&file, 9).is_err() && read(place.path(), 9).is_err());
        assert!(read(Path::new("/dev/zero"), 9).is_err());
    }

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let place = tempfile::tempdir().expect("a folder");
        let held = lock(place.path()).expect("a folder");
        assert!(held.is_some() && lock(place.path()).expect("a folder").is_none());
        drop(held);
        assert!(lock(place.path()).expect("a folder").is_some());
        assert!(lock(&place.path().join("none")).is_err());
    }
}
