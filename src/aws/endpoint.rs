//! An emulator of AWS on this machine.

use std::{fmt, str::FromStr};

use super::words;
use crate::{lang::Phrase, units::Address};

/// The base address of an AWS-compatible server on this machine, for example MiniStack's
/// `http://127.0.0.1:4566`. Loopback only: any other machine would receive the user's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    address: Address,
    url: String,
}

/// How an API Gateway address is reached through an [`Endpoint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where to connect and what to ask for: the endpoint with the address's path.
    pub url: Address,
    /// The `Host` header by which the emulator knows which API is meant.
    pub host: String,
}

impl Endpoint {
    /// The address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How `invoke_url`, an `https://ID.execute-api.REGION.amazonaws.com/STAGE`, is reached:
    /// connect here, ask for its path, and send `Host: ID.execute-api.localhost:PORT`, which
    /// MiniStack and LocalStack both understand. `None` if it is no address of API Gateway's.
    pub fn route(&self, invoke_url: &Address) -> Option<Route> {
        let (id, rest) = invoke_url.host().split_once('.')?;
        if !rest.starts_with("execute-api.") || id.is_empty() {
            return None;
        }
        Some(Route {
            url: self.address.join(&invoke_url.path_and_query()),
            host: format!("{id}.execute-api.localhost:{}", self.address.port()),
        })
    }
}

impl FromStr for Endpoint {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Endpoint, Phrase> {
        let address = Address::parse(text)?;
        if !address.is_this_machine() {
            return Err(words::elsewhere(address.host()));
        }
        if address.is_https() || address.path_and_query() != "/" {
            return Err(words::more_than_base(&address.to_string()));
        }
        let url = format!("http://{}", address.authority());
        Ok(Endpoint { address, url })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).expect(text)
    }

    #[test]
    fn an_api_gateway_address_is_reached_through_the_emulator_by_its_host_header() {
        let endpoint: Endpoint = "http://127.0.0.1:4666/".parse().expect("an endpoint");
        let route = endpoint
            .route(&address(
                "https://ab12.execute-api.us-east-1.amazonaws.com/datadog-sample-app-stage",
            ))
            .expect("an API Gateway address");
        assert_eq!(
            route.url.to_string(),
            "http://127.0.0.1:4666/datadog-sample-app-stage"
        );
        assert_eq!(route.host, "ab12.execute-api.localhost:4666");
    }

    #[test]
    fn an_address_that_is_not_api_gateways_has_no_route() {
        let endpoint: Endpoint = "http://[::1]:80".parse().expect("an endpoint");
        for url in ["https://example.com/stage", "https://execute-api.x/"] {
            assert_eq!(endpoint.route(&address(url)), None, "{url}");
        }
    }

    #[test]
    fn credentials_never_go_to_another_machine() {
        for text in [
            "https://127.0.0.1:1",
            "http://10.0.0.1:4566",
            "http://localhost.evil.example:4566",
            "http://user:password@127.0.0.1",
            "http://127.0.0.1/path",
            "127.0.0.1:4566",
            "",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
