//! Which hosts are this machine.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket},
};

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

/// Whether `host` is this machine under any of its names: as [`is_loopback`], or by the address of an
/// interface, or by its own name where that leads nowhere else.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    is_loopback(host)
        || match address.parse() {
            Ok(ip) => is_own(ip),
            Err(_) => is_own_name(host) && leads_here(host),
        }
}

/// A datagram to one of its own addresses leaves from that address; nothing is sent.
fn is_own(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    let any = match ip {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    let source = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((ip, 9))?;
        socket.local_addr()
    });
    ip.is_unspecified() || source.is_ok_and(|source| source.ip() == ip)
}

fn is_own_name(host: &str) -> bool {
    let own = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let (own, host) = (own.trim().to_ascii_lowercase(), host.to_ascii_lowercase());
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    !own.is_empty() && (host == own || short(&host) == own || host == short(&own))
}

fn leads_here(host: &str) -> bool {
    let found: Vec<SocketAddr> = match (host, 0).to_socket_addrs() {
        Ok(found) => found.collect(),
        Err(_) => return false,
    };
    !found.is_empty()
        && found
            .iter()
            .all(|one| one.ip().is_loopback() || is_own(one.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_the_addresses_of_its_interfaces() {
        for host in ["0.0.0.0", "[::ffff:127.0.0.1]", "127.9.8.7", "localhost"] {
            assert!(is_this_machine(host), "{host}");
        }
        // Addresses for documentation, and a group.
        for host in [
            "198.51.100.7",
            "[2001:db8::7]",
            "224.0.0.1",
            "example.invalid",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
        let own = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        if leads_here(own.trim()) {
            assert!(is_this_machine(own.trim()), "{own}");
        }
    }

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
