//! A host from here: its name, a connection, its certificate.

use std::{net::IpAddr, sync::Arc, time::Duration};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    Check, Topic,
    certificate::{days_left, good_until},
};
use crate::units::is_loopback;

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A certificate that ends within so many days is worth a word.
const SOON_DAYS: i64 = 14;

/// Looks at the host of `url` directly, without a request; where a proxy leads to it, not at all.
pub async fn host(topic: Topic, url: &Url) -> Check {
    if let Some(proxy) =
        proxy(&Matcher::from_system(), url).filter(|_| !url.host_str().is_some_and(is_loopback))
    {
        let why = format!("the way leads through the proxy {proxy} (HTTPS_PROXY, NO_PROXY)");
        return Check::skipped(topic, why);
    }
    let name = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let bare = name.trim_matches(['[', ']']);
    let looked_up = timeout(PATIENCE, lookup_host((bare, port))).await;
    let addresses: Vec<_> = match looked_up {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return no_name(topic, &name, &error.to_string()),
        Err(_) => return no_name(topic, &name, "the name server did not answer in time"),
    };
    let Some(first) = addresses.first() else {
        return no_name(topic, &name, "it has no address");
    };
    let connected = timeout(PATIENCE, TcpStream::connect(addresses.as_slice())).await;
    let stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return no_connection(topic, &name, port, &error.to_string()),
        Err(_) => return no_connection(topic, &name, port, "nobody answered in time"),
    };
    let place = match bare.parse::<IpAddr>() {
        Ok(_) => format!("{name}:{port}"),
        Err(_) => format!("{name} is {}, port {port}", first.ip()),
    };
    if url.scheme() != "https" {
        return Check::ok(topic, format!("{place} takes connections, without TLS"));
    }
    match timeout(PATIENCE, certificate(bare, stream)).await {
        Ok(Ok(der)) => with_certificate(topic, &place, &der),
        Ok(Err(error)) => no_tls(topic, &name, &error),
        Err(_) => no_tls(topic, &name, "the handshake did not end in time"),
    }
}

/// The host of the proxy through which the HTTP client goes to `url`, by the rules that it has.
fn proxy(rules: &Matcher, url: &Url) -> Option<String> {
    let intercept = rules.intercept(&url.as_str().parse().ok()?)?;
    intercept.uri().host().map(ToOwned::to_owned)
}

/// The certificate that `stream` shows for `name`, once this machine trusts it.
async fn certificate(name: &str, stream: TcpStream) -> Result<Vec<u8>, String> {
    let said = |error: rustls::Error| error.to_string();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(said)?
        .with_platform_verifier()
        .map_err(said)?
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(server, stream).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
    Ok(shown
        .first()
        .map(|first| first.to_vec())
        .unwrap_or_default())
}

fn with_certificate(topic: Topic, place: &str, der: &[u8]) -> Check {
    let Some(until) = good_until(der) else {
        return Check::ok(topic, format!("{place}, and its certificate is trusted"));
    };
    let days = days_left(until, jiff::Timestamp::now());
    let found = format!(
        "{place}, and its certificate is trusted until {}",
        until.strftime("%Y-%m-%d")
    );
    if days < SOON_DAYS {
        return Check::advice(
            topic,
            format!("{found}, {days} days from now"),
            "whoever runs the host must renew it before that day, or nobody gets through",
        );
    }
    Check::ok(topic, found)
}

fn no_name(topic: Topic, name: &str, cause: &str) -> Check {
    let fix = match topic {
        Topic::ApiHost => "check the network, and DD_SITE or --datadog-url",
        _ => {
            "check the network and the address; after a new deployment the API has a new one: `loadgen aws outputs`"
        }
    };
    Check::fix(topic, format!("the name {name} is not found: {cause}"), fix)
}

fn no_connection(topic: Topic, name: &str, port: u16, cause: &str) -> Check {
    Check::fix(
        topic,
        format!("{name} takes no connection at port {port}: {cause}"),
        "check the address, and whether a firewall stands in between; where only a proxy leads out, set HTTPS_PROXY",
    )
}

fn no_tls(topic: Topic, name: &str, cause: &str) -> Check {
    Check::fix(
        topic,
        format!("no TLS connection with {name}: {cause}"),
        "if the certificate is not trusted, a proxy in between opens what is encrypted: its \
         certificate must be among those that this machine trusts. If it is not valid yet or no longer, \
         look at this machine's clock first",
    )
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
