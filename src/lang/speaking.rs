//! The language of text that gets no language passed: of errors, whose `Display` takes no argument,
//! and of all that the terminal shows.

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, Ordering},
};

use super::Lang;

static IS_KOREAN: AtomicBool = AtomicBool::new(false);

thread_local! {
    static HERE: Cell<Option<Lang>> = const { Cell::new(None) };
}

/// The language that is spoken now: this thread's, or else the process's.
pub fn current() -> Lang {
    HERE.get()
        .unwrap_or_else(|| match IS_KOREAN.load(Ordering::Relaxed) {
            true => Lang::Ko,
            false => Lang::En,
        })
}

/// Sets the process's language. The command line does so once, before anything is said.
pub fn speak_by_default(lang: Lang) {
    IS_KOREAN.store(lang == Lang::Ko, Ordering::Relaxed);
}

/// What `say` returns while this thread speaks `lang`.
pub fn speaking<T>(lang: Lang, say: impl FnOnce() -> T) -> T {
    /// Restores the language even if `say` panics, because a test's thread continues with other
    /// tests.
    struct Before(Option<Lang>);
    impl Drop for Before {
        fn drop(&mut self) {
            HERE.set(self.0);
        }
    }
    let _before = Before(HERE.replace(Some(lang)));
    say()
}
