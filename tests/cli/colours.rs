//! Colours are for a terminal whose owner wants them.

use super::place::Place;

/// What begins every colour.
const ESCAPE: char = '\u{1b}';

#[test]
fn what_is_no_terminal_gets_colours_only_where_they_are_asked_for() {
    let place = Place::new();
    let said = |words: &[&str]| place.run(&[&["plan", "spike"], words].concat()).out;
    assert!(!said(&[]).contains(ESCAPE));
    assert!(!said(&["--color", "never"]).contains(ESCAPE));
    let coloured = said(&["--color", "always"]);
    assert!(coloured.contains(ESCAPE));
    // A sign and a word stand beside each colour, so without colours nothing is lost.
    assert_eq!(
        anstream::adapter::strip_str(&coloured).to_string(),
        said(&[])
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_unless_no_color_is_set() {
    let place = Place::new();
    // `script` runs a command on a terminal of its own.
    let on_terminal = |words: &str| {
        let typed = format!("\"{}\" plan spike {words}", env!("CARGO_BIN_EXE_loadgen"));
        let mut script = place.shell("exec script -qec \"$TYPED\" /dev/null");
        script.env("TYPED", typed).env("TERM", "xterm-256color");
        script.env_remove("NO_COLOR").env_remove("CLICOLOR");
        script
    };
    let said = |words: &str, no_color: bool| {
        let mut command = on_terminal(words);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let output = command.output().expect("a shell starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let plain = said("", true);
    if plain.is_empty() {
        eprintln!("SKIPPED: no `script` here to make a terminal");
        return;
    }
    assert!(plain.contains("spike: Steady traffic"), "{plain}");
    assert!(!plain.contains(ESCAPE), "{plain:?}");
    assert!(said("", false).contains(ESCAPE));
    assert!(said("--color always", true).contains(ESCAPE));
    assert!(!said("--color never", false).contains(ESCAPE));
}
