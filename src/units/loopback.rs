//! Which hosts are this machine.

use std::net::IpAddr;

/// Whether `host`, without a port, names this machine for itself: `localhost` and what ends in
/// `.localhost` (RFC 6761, section 6.3), an address in 127.0.0.0/8, or `::1`, in brackets or not. No
/// name is looked up.
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    is_localhost(host)
        || (address.parse::<IpAddr>()).is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Whether a name is `localhost` or ends in `.localhost`, which are this machine whatever a name
/// server says.
pub fn is_localhost(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names_alone() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "shop.localhost",
            "127.0.0.1",
            "127.9.8.7",
            "[::1]",
            "::1",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "localhost.example",
            "127.0.0.1.example",
            "127.1",
            "0.0.0.0",
            "10.0.0.1",
            "[::2]",
            "notlocalhost",
            ".localhost.example",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
