//! Opening connections: DNS lookup, TCP, TLS, each timed.

use std::{
    cell::{Cell, RefCell},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::pki_types::ServerName;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    clock::micros,
    failure::RequestFailure,
    stream::MaybeTlsStream,
    tls::{TlsError, TlsOptions},
    tls_failure,
};
use crate::{
    lang::statements::failure,
    sample::{Connect, Outcome},
    units::{Address, is_localhost},
};

/// HTTP/2's name in ALPN.
pub(super) const HTTP2: &[u8] = b"h2";
/// How long a DNS answer is used, so that a target that moves is followed.
const LOOKUP_AGE: Duration = Duration::from_secs(30);

/// Opens connections to a target.
pub(super) struct Dialer {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// Held during a lookup: connections opened together wait for the same one.
    lookup: tokio::sync::Mutex<()>,
    resolved: RefCell<Option<Resolved>>,
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
            resumed: Cell::new(0),
        })
    }

    /// How many connections resumed an earlier TLS session.
    pub fn resumed(&self) -> u64 {
        self.resumed.get()
    }

    /// Opens a connection within `budget`.
    pub async fn open(
        &self,
        budget: Duration,
    ) -> Result<(MaybeTlsStream, Connect), RequestFailure> {
        let start = Instant::now();
        let addresses = self.addresses().await?;
        let looked_up = Instant::now();
        let tcp = self
            .tcp(&addresses, budget.saturating_sub(start.elapsed()))
            .await?;
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

    /// The target's addresses, best first. After a lookup that succeeded, one that fails changes
    /// nothing.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, RequestFailure> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        // No name server is asked for this machine; a system may not know the longer names.
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

    /// Tries one address after the other and remembers which one worked. Each but the last gets an
    /// equal share of the time that is left; the last may take all of it.
    async fn tcp(
        &self,
        addresses: &[SocketAddr],
        budget: Duration,
    ) -> Result<TcpStream, RequestFailure> {
        let start = Instant::now();
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for (tried, address) in addresses.iter().enumerate() {
            let left = budget.saturating_sub(start.elapsed());
            let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
            let connecting = TcpStream::connect(address);
            let connected = match tried + 1 < addresses.len() {
                true => timeout(share, connecting).await,
                false => Ok(connecting.await),
            };
            match connected {
                Ok(Ok(stream)) => {
                    if tried > 0 {
                        self.prefer(*address);
                    }
                    stream.set_nodelay(true).map_err(failed)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(failed(last))
    }

    fn prefer(&self, address: SocketAddr) {
        if let Some(known) = self.resolved.borrow_mut().as_mut() {
            known.addresses.sort_by_key(|other| *other != address);
        }
    }
}

fn failed(error: io::Error) -> RequestFailure {
    let outcome = match error.kind() {
        io::ErrorKind::ConnectionRefused => Outcome::ConnectionRefused,
        _ => Outcome::ConnectFailure,
    };
    RequestFailure::new(outcome, failure::not_opened(&error.to_string()))
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

    #[tokio::test(flavor = "current_thread")]
    async fn the_next_address_is_tried_and_remembered() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
        let open = listener
            .as_ref()
            .ok()
            .and_then(|listener| listener.local_addr().ok());
        let open = open.expect("bound");
        // Nothing listens on port 1 of loopback.
        let closed = SocketAddr::from(([127, 0, 0, 1], 1));
        let dialer = dialer("http://no-such-host.invalid/");
        *dialer.resolved.borrow_mut() = Some(Resolved {
            addresses: vec![closed, open],
            at: Instant::now(),
        });
        assert!(dialer.open(Duration::from_secs(20)).await.is_ok());
        assert_eq!(dialer.addresses().await.ok(), Some(vec![open, closed]));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_the_system_refuses_has_a_class() {
        // connect(2): ECONNREFUSED, EMFILE, EADDRNOTAVAIL (no ephemeral port left), ENETUNREACH.
        for (code, outcome) in [
            (111, Outcome::ConnectionRefused),
            (24, Outcome::ConnectFailure),
            (99, Outcome::ConnectFailure),
            (101, Outcome::ConnectFailure),
        ] {
            let error = failed(io::Error::from_raw_os_error(code));
            assert_eq!(error.outcome, outcome, "{}", error.reason);
        }
    }
}
