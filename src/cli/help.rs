//! The groups in which `--help` lists the flags that many subcommands share.

use clap::{Arg, Command};

/// The headings, and the flags below each. What no heading has is the subcommand's own and stands
/// first, under clap's "Options".
#[rustfmt::skip]
const HEADINGS: [(&str, &[&str]); 6] = [
    ("Target", &[
        "url", "invoke", "invoke-matching", "payload", "function-dir", "layer", "app", "function",
        "service", "env", "stack", "region", "force-cold", "endpoint", "datadog-url", "sigv4",
    ]),
    ("Load", &[
        "set", "real-idle", "max-in-flight", "new-connections", "http1", "streams", "threads", "shard", "shards",
        "start-at",
    ]),
    ("Verdict", &["threshold", "abort-on", "no-verify", "wait"]),
    ("Output", &[
        "out", "runs", "json", "format", "keep-traces", "annotate", "full", "quiet", "color", "lang",
    ]),
    ("TLS", &["cacert", "cert", "key", "insecure"]),
    ("Caps and consent", &["yes", "max-requests", "max-rate", "allow-http", "public-query"]),
];

/// The command line with its flags in groups.
pub fn grouped(command: Command) -> Command {
    command.mut_args(under_heading).mut_subcommands(grouped)
}

fn under_heading(arg: Arg) -> Arg {
    let heading = arg.get_long().and_then(|flag| {
        let (heading, _) = HEADINGS.iter().find(|(_, flags)| flags.contains(&flag))?;
        Some(*heading)
    });
    match heading {
        Some(heading) => arg.help_heading(heading),
        None => arg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every flag of a command and of those below it.
    fn flags(command: &Command) -> Vec<String> {
        let own = command.get_arguments().filter_map(Arg::get_long);
        let below = command.get_subcommands().flat_map(flags);
        own.map(str::to_owned).chain(below).collect()
    }

    #[test]
    fn every_flag_below_a_heading_exists() {
        let typed = flags(&super::super::command());
        for (heading, named) in HEADINGS {
            for flag in named {
                assert!(typed.iter().any(|typed| typed == flag), "{heading}: {flag}");
            }
        }
    }

    #[test]
    fn a_flag_that_four_subcommands_share_has_a_heading() {
        let mut typed = flags(&super::super::command());
        typed.sort();
        let shared = typed
            .chunk_by(|one, other| one == other)
            .filter(|same| same.len() > 3);
        let without: Vec<&String> = shared
            .map(|same| &same[0])
            .filter(|flag| {
                !HEADINGS
                    .iter()
                    .any(|(_, flags)| flags.contains(&flag.as_str()))
            })
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
