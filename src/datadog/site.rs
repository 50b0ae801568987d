//! Datadog's sites.

use std::{fmt, str::FromStr};

use super::{keys::shown, words};
use crate::lang::Phrase;

/// A Datadog site: a region with its own accounts, keys and hosts
/// (docs.datadoghq.com/getting_started/site, and the enumeration in datadog-api-client 2.62).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Named after their hosts.
pub enum Site {
    #[default]
    Us1,
    Us3,
    Us5,
    Eu1,
    Ap1,
    Ap2,
    Uk1,
    Us1Fed,
    Us2Fed,
}

/// A text that is not the name of a site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", unknown(.found, *.meant))]
pub struct UnknownSite {
    /// The text.
    pub found: String,
    /// The site that it is an address of.
    pub meant: Option<Site>,
}

impl Site {
    /// All sites.
    pub const ALL: [Site; 9] = [
        Site::Us1,
        Site::Us3,
        Site::Us5,
        Site::Eu1,
        Site::Ap1,
        Site::Ap2,
        Site::Uk1,
        Site::Us1Fed,
        Site::Us2Fed,
    ];

    /// The value of `DD_SITE`: `datadoghq.com`.
    pub fn domain(self) -> &'static str {
        match self {
            Site::Us1 => "datadoghq.com",
            Site::Us3 => "us3.datadoghq.com",
            Site::Us5 => "us5.datadoghq.com",
            Site::Eu1 => "datadoghq.eu",
            Site::Ap1 => "ap1.datadoghq.com",
            Site::Ap2 => "ap2.datadoghq.com",
            Site::Uk1 => "uk1.datadoghq.com",
            Site::Us1Fed => "ddog-gov.com",
            Site::Us2Fed => "us2.ddog-gov.com",
        }
    }

    /// The base address of its API.
    pub fn api(self) -> String {
        format!("https://api.{}", self.domain())
    }

    /// The base address of its pages. Only the oldest three sites have `app.` before their name; ap2,
    /// uk1 and us2.ddog-gov.com are assumed to be like the others.
    pub fn app(self) -> String {
        match self {
            Site::Us1 | Site::Eu1 | Site::Us1Fed => format!("https://app.{}", self.domain()),
            _ => format!("https://{}", self.domain()),
        }
    }
}

impl FromStr for Site {
    type Err = UnknownSite;

    fn from_str(text: &str) -> Result<Site, UnknownSite> {
        let wanted = text.trim().to_ascii_lowercase();
        Site::ALL
            .into_iter()
            .find(|site| site.domain() == wanted)
            .ok_or_else(|| UnknownSite {
                found: shown(text, 80),
                meant: meant(&wanted),
            })
    }
}

fn unknown(found: &str, meant: Option<Site>) -> Phrase {
    let sites = Site::ALL.map(Site::domain).join(", ");
    match meant {
        Some(meant) => words::site_meant(found, meant.domain(), sites),
        None => words::unknown_site(found, sites),
    }
}

/// The site of an address that was copied from the browser.
fn meant(address: &str) -> Option<Site> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?']).next()?;
    let names = ["app.", "api."].map(|part| host.strip_prefix(part).unwrap_or(host));
    Site::ALL
        .into_iter()
        .find(|site| names.contains(&site.domain()))
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.domain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::assert_korean;

    #[test]
    fn every_site_is_read_back_from_its_domain() {
        for site in Site::ALL {
            assert_eq!(site.domain().parse(), Ok(site));
        }
        assert!("datadog.com".parse::<Site>().is_err());
        assert!("https://app.datadoghq.com".parse::<Site>().is_err());
    }

    #[test]
    fn an_address_from_the_browser_is_answered_with_its_site() {
        for (text, meant) in [
            (
                "https://app.datadoghq.com/functions?cloud=aws",
                Some(Site::Us1),
            ),
            ("https://us5.datadoghq.com", Some(Site::Us5)),
            ("api.datadoghq.eu", Some(Site::Eu1)),
            ("datadog.com", None),
        ] {
            let error = text.parse::<Site>().expect_err(text);
            assert_eq!(error.meant, meant, "{text}");
            assert_korean([error]);
        }
        let key = "0a".repeat(16);
        let error = key.parse::<Site>().expect_err("a key");
        assert!(!error.to_string().contains(&key), "{error}");
    }

    #[test]
    fn only_the_oldest_sites_have_pages_under_app() {
        let apps = Site::ALL.map(Site::app);
        let with_app = apps.iter().filter(|app| app.contains("//app.")).count();
        assert_eq!(with_app, 3);
        assert_eq!(Site::Us5.app(), "https://us5.datadoghq.com");
        assert_eq!(Site::Eu1.api(), "https://api.datadoghq.eu");
    }
}
