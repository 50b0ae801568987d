//! Checks a host: its name, a connection, its certificate.

use std::{fmt::Display, net::IpAddr, time::Duration};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use rustls::pki_types::ServerName;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{Check, Topic, words};
use crate::{
    lang::Reason,
    scenario::TlsOptions,
    units::{is_loopback, validity},
};

/// The time limit of each step.
const PATIENCE: Duration = Duration::from_secs(10);
/// A certificate that expires within these days gets advice.
const SOON_DAYS: i64 = 14;

/// Checks the host of `url` without a request. A host behind a proxy is skipped.
pub async fn host(topic: Topic, url: &Url) -> Check {
    if let Some(proxy) =
        proxy(&Matcher::from_system(), url).filter(|_| !url.host_str().is_some_and(is_loopback))
    {
        return Check::skipped(topic, words::through_proxy(&proxy));
    }
    let name = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let bare = name.trim_matches(['[', ']']);
    let looked_up = timeout(PATIENCE, lookup_host((bare, port))).await;
    let addresses: Vec<_> = match looked_up {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return no_name(topic, &name, error),
        Err(_) => return no_name(topic, &name, words::NAME_SERVER_LATE),
    };
    let Some(first) = addresses.first() else {
        return no_name(topic, &name, words::NO_ADDRESS);
    };
    let connected = timeout(PATIENCE, TcpStream::connect(addresses.as_slice())).await;
    let stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return no_connection(topic, &name, port, error),
        Err(_) => return no_connection(topic, &name, port, words::NO_ANSWER),
    };
    let place = match bare.parse::<IpAddr>() {
        Ok(_) => Reason::of(format!("{name}:{port}")),
        Err(_) => Reason::of(words::at(&name, first.ip().to_string(), port.to_string())),
    };
    if url.scheme() != "https" {
        return Check::ok(topic, words::without_tls(&place));
    }
    match timeout(PATIENCE, certificate(bare, stream)).await {
        Ok(Ok(der)) => with_certificate(topic, &place, &der),
        Ok(Err(error)) => no_tls(topic, &name, error),
        Err(_) => no_tls(topic, &name, words::HANDSHAKE_LATE),
    }
}

/// The proxy for `url`, by the HTTP client's rules.
fn proxy(rules: &Matcher, url: &Url) -> Option<String> {
    let intercept = rules.intercept(&url.as_str().parse().ok()?)?;
    intercept.uri().host().map(ToOwned::to_owned)
}

/// The certificate for `name`, if this machine trusts it.
async fn certificate(name: &str, stream: TcpStream) -> Result<Vec<u8>, String> {
    let config = TlsOptions::default().config(name);
    let config = config.map_err(|error| error.to_string())?;
    let server = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(config).connect(server, stream).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
    Ok(shown
        .first()
        .map(|first| first.to_vec())
        .unwrap_or_default())
}

fn with_certificate(topic: Topic, place: &Reason, der: &[u8]) -> Check {
    let Some([_, until]) = validity(der) else {
        return Check::ok(topic, words::trusted(place));
    };
    let left: jiff::SignedDuration = until.duration_since(jiff::Timestamp::now());
    let days = left.as_hours().div_euclid(24);
    let until = until.strftime("%Y-%m-%d").to_string();
    if days < SOON_DAYS {
        let found = words::trusted_soon(place, &until, days.to_string());
        return Check::advice(topic, found, words::RENEW);
    }
    Check::ok(topic, words::trusted_until(place, &until))
}

fn no_name(topic: Topic, name: &str, cause: impl Display) -> Check {
    let fix = match topic {
        Topic::ApiHost => words::CHECK_SITE,
        _ => words::CHECK_ADDRESS,
    };
    Check::fix(topic, words::no_name(name, &Reason::of(cause)), fix)
}

fn no_connection(topic: Topic, name: &str, port: u16, cause: impl Display) -> Check {
    let found = words::no_connection(name, port.to_string(), &Reason::of(cause));
    Check::fix(topic, found, words::CHECK_FIREWALL)
}

fn no_tls(topic: Topic, name: &str, cause: impl Display) -> Check {
    let found = words::no_tls(name, &Reason::of(cause));
    Check::fix(topic, found, words::CHECK_TRUST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_excepted_from_the_proxy_is_reached_directly() {
        let rules = Matcher::builder()
            .https("http://user:secret@proxy.example:3128")
            .no("inside.example, 10.0.0.0/8")
            .build();
        for (url, through) in [
            ("https://api.datadoghq.com/", Some("proxy.example")),
            ("https://api.inside.example/", None),
            ("https://10.1.2.3/", None),
            ("http://api.datadoghq.com/", None),
        ] {
            let url = Url::parse(url).expect("an address");
            assert_eq!(proxy(&rules, &url).as_deref(), through, "{url}");
        }
    }
}
