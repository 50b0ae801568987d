//! Opening connections: DNS lookup, TCP, TLS, each timed.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::pki_types::ServerName;
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    clock::micros,
    failure::RequestFailure,
    stream::{HTTP2, MaybeTlsStream},
    tls::TlsError,
    tls_failure,
};
use crate::{
    lang::statements::failure,
    sample::{Connect, Outcome},
    scenario::TlsOptions,
    units::{Address, is_localhost},
};

/// How long a DNS answer is used, so that a target that moves is followed.
const LOOKUP_AGE: Duration = Duration::from_secs(30);
/// How long an attempt may take before the next address is tried in parallel (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Opens connections to a target.
pub(super) struct Dialer {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// Held during a lookup: connections opened together wait for the same one.
    lookup: tokio::sync::Mutex<()>,
    resolved: RefCell<Option<Resolved>>,
    /// Addresses that refused or were overtaken since the last lookup: they are tried last.
    failing: RefCell<HashSet<SocketAddr>>,
    /// How many connections were begun: each begins with the next address.
    begun: Cell<usize>,
    /// How many connections resumed an earlier TLS session.
    resumed: Cell<u64>,
}

struct Resolved {
    addresses: Vec<SocketAddr>,
    at: Instant,
}

impl Dialer {
    /// For one target. `tls` replaces the configuration that trusts what this machine trusts.
    pub fn new(
        target: &Address,
        tls: Option<Arc<rustls::ClientConfig>>,
        offer_http2: bool,
    ) -> Result<Dialer, TlsError> {
        let tls = match target.is_https() {
            false => None,
            true => {
                let name = ServerName::try_from(target.host().to_owned())
                    .map_err(|error| rustls::Error::General(error.to_string()))?;
                let usual = || TlsOptions::default().config(target.host());
                let mut config = tls.map_or_else(usual, Ok)?;
                let offered = [HTTP2, b"http/1.1"];
                let offered = offered.into_iter().skip(usize::from(!offer_http2));
                Arc::make_mut(&mut config).alpn_protocols = offered.map(<[u8]>::to_vec).collect();
                Some((TlsConnector::from(config), name))
            }
        };
        Ok(Dialer {
            host: target.host().to_owned(),
            port: target.port(),
            tls,
            lookup: tokio::sync::Mutex::new(()),
            resolved: RefCell::new(None),
            failing: RefCell::default(),
            begun: Cell::new(0),
            resumed: Cell::new(0),
        })
    }

    /// How many connections resumed an earlier TLS session.
    pub fn resumed(&self) -> u64 {
        self.resumed.get()
    }

    /// Opens a connection.
    pub async fn open(&self) -> Result<(MaybeTlsStream, Connect), RequestFailure> {
        let start = Instant::now();
        let addresses = self.in_turn(self.addresses().await?);
        let looked_up = Instant::now();
        let tcp = self.tcp(&addresses).await?;
        let connected = Instant::now();
        let mut times = Connect {
            dns_us: micros(looked_up - start),
            tcp_us: micros(connected - looked_up),
            tls_us: 0,
        };
        let Some((connector, name)) = &self.tls else {
            return Ok((MaybeTlsStream::Plain(tcp), times));
        };
        let stream = connector
            .connect(name.clone(), tcp)
            .await
            .map_err(|error| {
                RequestFailure::new(
                    Outcome::TlsFailure,
                    tls_failure::of_handshake(&error, &self.host),
                )
            })?;
        if stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed) {
            self.resumed.set(self.resumed.get() + 1);
        }
        times.tls_us = micros(connected.elapsed());
        Ok((MaybeTlsStream::Tls(Box::new(stream)), times))
    }

    /// The target's addresses, best first. A lookup that fails after one that succeeded changes
    /// nothing.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, RequestFailure> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        // Localhost needs no name server, and a system may not know the longer names.
        if is_localhost(&self.host) && self.host != "localhost" {
            let both: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
            return Ok(both.map(|ip| SocketAddr::new(ip, self.port)).to_vec());
        }
        if let Some(addresses) = self.fresh() {
            return Ok(addresses);
        }
        let _one_at_a_time = self.lookup.lock().await;
        if let Some(addresses) = self.fresh() {
            return Ok(addresses);
        }
        let found = lookup_host((self.host.as_str(), self.port)).await;
        let found: io::Result<Vec<SocketAddr>> = found.map(Iterator::collect);
        let mut known = self.resolved.borrow_mut();
        let failed = |reason| RequestFailure::new(Outcome::DnsFailure, reason);
        let failure = match found {
            Ok(addresses) if !addresses.is_empty() => {
                let at = Instant::now();
                self.failing.borrow_mut().clear();
                *known = Some(Resolved {
                    addresses: addresses.clone(),
                    at,
                });
                return Ok(addresses);
            }
            Ok(_) => failed(failure::no_address(&self.host)),
            Err(error) => failed(failure::not_resolved(&self.host, &error.to_string())),
        };
        match known.as_mut() {
            Some(known) => {
                known.at = Instant::now();
                Ok(known.addresses.clone())
            }
            None => Err(failure),
        }
    }

    fn fresh(&self) -> Option<Vec<SocketAddr>> {
        let known = self.resolved.borrow();
        let known = known
            .as_ref()
            .filter(|known| known.at.elapsed() < LOOKUP_AGE)?;
        Some(known.addresses.clone())
    }

    /// The addresses in the order in which one connection tries them. Working addresses take turns
    /// at being first, which spreads the load, and families alternate (RFC 8305, section 4).
    fn in_turn(&self, mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
        if addresses.len() < 2 {
            return addresses;
        }
        let failing = self.failing.borrow();
        addresses.sort_by_key(|address| failing.contains(address));
        let first = addresses[0];
        let living = |a: &SocketAddr| !failing.contains(a) && a.is_ipv6() == first.is_ipv6();
        let (mut turn, others): (Vec<_>, Vec<_>) = addresses.into_iter().partition(living);
        if !turn.is_empty() {
            let begun = self.begun.replace(self.begun.get().wrapping_add(1));
            let length = turn.len();
            turn.rotate_left(begun % length);
        }
        let (mut turn, mut others) = (turn.into_iter(), others.into_iter());
        let mut order = Vec::new();
        while let (ours, other) = (turn.next(), others.next())
            && (ours.is_some() || other.is_some())
        {
            order.extend(ours.into_iter().chain(other));
        }
        order
    }

    /// The first connection that opens. The next address is tried once the one before it failed or
    /// took longer than [`ATTEMPT_DELAY`].
    async fn tcp(&self, addresses: &[SocketAddr]) -> Result<TcpStream, RequestFailure> {
        let opened = match addresses {
            [one] => TcpStream::connect(one).await,
            _ => self.race(addresses).await,
        };
        let stream = opened.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(stream)
    }

    async fn race(&self, addresses: &[SocketAddr]) -> io::Result<TcpStream> {
        let mut attempts = JoinSet::new();
        let mut left = addresses.iter().copied();
        let mut tried = Vec::new();
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        loop {
            let next = left.next();
            if let Some(address) = next {
                tried.push(address);
                attempts.spawn_local(async move { (address, TcpStream::connect(address).await) });
            }
            let joined = match next {
                Some(_) if left.len() > 0 => timeout(ATTEMPT_DELAY, attempts.join_next()).await,
                _ => Ok(attempts.join_next().await),
            };
            match joined {
                Ok(Some(Ok((address, Ok(stream))))) => {
                    // Those before it failed, or had their time.
                    let before = tried.iter().take_while(|other| **other != address);
                    self.failing.borrow_mut().extend(before);
                    return Ok(stream);
                }
                Ok(Some(Ok((address, Err(error))))) => {
                    self.failing.borrow_mut().insert(address);
                    last = error;
                }
                Ok(Some(Err(error))) => last = io::Error::other(error),
                Ok(None) => return Err(last),
                Err(_) => {}
            }
        }
    }
}

fn failed(error: io::Error) -> RequestFailure {
    // The numbers of Linux: ENFILE, EMFILE, EADDRNOTAVAIL, ENOBUFS.
    let (outcome, reason) = match (error.kind(), error.raw_os_error()) {
        (_, Some(23 | 24)) => (Outcome::LocalLimit, failure::no_descriptor()),
        (io::ErrorKind::AddrNotAvailable, Some(_)) => (Outcome::LocalLimit, failure::no_port()),
        (_, Some(105)) => (Outcome::LocalLimit, failure::no_buffer()),
        (io::ErrorKind::ConnectionRefused, _) => {
            let reason = failure::not_opened(&error.to_string());
            (Outcome::ConnectionRefused, reason)
        }
        _ => (
            Outcome::ConnectFailure,
            failure::not_opened(&error.to_string()),
        ),
    };
    RequestFailure::new(outcome, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialer(address: &str) -> Dialer {
        let target = Address::parse(address).expect("a target");
        Dialer::new(&target, None, false).expect("no TLS is needed")
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_lookup_that_fails_midway_changes_nothing() {
        let dialer = dialer("http://no-such-host.invalid:81/");
        let address = SocketAddr::from(([127, 0, 0, 1], 81));
        assert!(dialer.addresses().await.is_err());
        let long_ago = Instant::now().checked_sub(2 * LOOKUP_AGE);
        *dialer.resolved.borrow_mut() = Some(Resolved {
            addresses: vec![address],
            at: long_ago.expect("the machine has been up for a minute"),
        });
        assert_eq!(dialer.addresses().await.ok(), Some(vec![address]));
        assert!(
            dialer.fresh().is_some(),
            "not asked again for every connection"
        );
    }

    #[tokio::test(flavor = "local")]
    async fn the_next_address_is_tried_and_the_one_that_failed_comes_last() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
        let open = listener
            .as_ref()
            .ok()
            .and_then(|listener| listener.local_addr().ok());
        let open = open.expect("bound");
        // Nothing listens on port 1 of loopback.
        let closed = SocketAddr::from(([127, 0, 0, 1], 1));
        let dialer = dialer("http://no-such-host.invalid/");
        let both = vec![closed, open];
        *dialer.resolved.borrow_mut() = Some(Resolved {
            addresses: both.clone(),
            at: Instant::now(),
        });
        assert!(dialer.open().await.is_ok());
        for _ in 0..3 {
            assert_eq!(dialer.in_turn(both.clone()), [open, closed]);
        }
    }

    #[test]
    fn addresses_that_live_take_turns_and_families_alternate() {
        let dialer = dialer("http://no-such-host.invalid/");
        let six = |n| SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, n], 80));
        let four = |n| SocketAddr::from(([127, 0, 0, n], 80));
        let all = [six(1), six(2), four(1), four(2)];
        let order = |all: &[SocketAddr]| dialer.in_turn(all.to_vec());
        assert_eq!(order(&all), [six(1), four(1), six(2), four(2)]);
        assert_eq!(order(&all), [six(2), four(1), six(1), four(2)]);
        dialer.failing.borrow_mut().insert(six(1));
        for _ in 0..3 {
            assert_eq!(order(&all)[0], six(2));
        }
        dialer.failing.borrow_mut().insert(six(2));
        let firsts = [order(&all)[0], order(&all)[0]];
        assert!(firsts.contains(&four(1)) && firsts.contains(&four(2)));
        dialer.failing.borrow_mut().extend(all);
        assert_eq!(order(&all), all, "none lives, and each is tried");
        assert_eq!(order(&all[..1]), all[..1]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_the_system_refuses_has_a_class() {
        // connect(2): ECONNREFUSED, EMFILE, EADDRNOTAVAIL (no ephemeral port left), ENETUNREACH.
        for (code, outcome) in [
            (111, Outcome::ConnectionRefused),
            (24, Outcome::LocalLimit),
            (99, Outcome::LocalLimit),
            (101, Outcome::ConnectFailure),
        ] {
            let error = failed(io::Error::from_raw_os_error(code));
            assert_eq!(error.outcome, outcome, "{}", error.reason);
        }
    }
}
