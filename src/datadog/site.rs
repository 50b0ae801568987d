//! Datadog's sites.

use std::{fmt, str::FromStr};

use super::{
    keys::{pasted, shown},
    words,
};
use crate::lang::Phrase;

/// A Datadog site: a region with its own accounts, keys and hosts
/// (docs.datadoghq.com/getting_started/site, and the enumeration in datadog-api-client 2.62).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, strum::VariantArray)]
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

impl Site {
    /// All sites.
    pub const ALL: &[Site] = <Site as strum::VariantArray>::VARIANTS;

    /// What Datadog's pages call it, and the value of `DD_SITE`.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Site::Us1 => ("us1", "datadoghq.com"),
            Site::Us3 => ("us3", "us3.datadoghq.com"),
            Site::Us5 => ("us5", "us5.datadoghq.com"),
            Site::Eu1 => ("eu1", "datadoghq.eu"),
            Site::Ap1 => ("ap1", "ap1.datadoghq.com"),
            Site::Ap2 => ("ap2", "ap2.datadoghq.com"),
            Site::Uk1 => ("uk1", "uk1.datadoghq.com"),
            Site::Us1Fed => ("us1-fed", "ddog-gov.com"),
            Site::Us2Fed => ("us2-fed", "us2.ddog-gov.com"),
        }
    }

    /// The value of `DD_SITE`: `datadoghq.com`.
    pub fn domain(self) -> &'static str {
        self.names().1
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

impl Site {
    /// What `DD_SITE` says, or `DATADOG_SITE`.
    pub fn named(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut names = ["DD_SITE", "DATADOG_SITE"].into_iter().filter_map(variable);
        names.find(|site| !site.trim().is_empty())
    }
}

/// A site as people have it: its domain, its short name, or an address copied from the browser, be it
/// that of an organisation with a subdomain of its own.
impl FromStr for Site {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Site, Phrase> {
        let wanted = pasted(text).to_ascii_lowercase();
        let rest = wanted
            .split_once("://")
            .map_or(wanted.as_str(), |(_, rest)| rest);
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
        let host = host.trim_end_matches('.');
        let is = |site: &Site| site.domain() == host || site.names().0 == host;
        // One label before a site's domain is its API, its pages or an organisation.
        let below = |site: &Site| {
            let label = host
                .strip_suffix(site.domain())
                .and_then(|it| it.strip_suffix('.'));
            label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
        };
        let exact = Site::ALL.iter().copied().find(is);
        exact
            .or_else(|| Site::ALL.iter().copied().find(below))
            .ok_or_else(|| unknown(&shown(text, 80)))
    }
}

fn unknown(found: &str) -> Phrase {
    let domains: Vec<&str> = Site::ALL.iter().map(|site| site.domain()).collect();
    words::unknown_site(found, domains.join(", "))
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
        for &site in Site::ALL {
            assert_eq!(site.domain().parse(), Ok(site));
        }
        assert!("datadog.com".parse::<Site>().is_err());
    }

    #[test]
    fn a_site_is_understood_as_people_have_it() {
        for (text, site) in [
            ("https://app.datadoghq.com/functions?cloud=aws", Site::Us1),
            ("https://us5.datadoghq.com", Site::Us5),
            ("api.datadoghq.eu", Site::Eu1),
            ("https://acme.us3.datadoghq.com/", Site::Us3),
            ("acme.datadoghq.com", Site::Us1),
            ("US5", Site::Us5),
            (" \"datadoghq.eu\" ", Site::Eu1),
            ("'us2.ddog-gov.com'", Site::Us2Fed),
        ] {
            assert_eq!(text.parse(), Ok(site), "{text}");
        }
        for text in [
            "datadog.com",
            "us9",
            "https://datadoghq.com.evil.test/",
            "",
            "a.b.datadoghq.com",
        ] {
            let error = text.parse::<Site>().expect_err(text);
            assert_korean([error]);
        }
        let key = "0a".repeat(16);
        let error = key.parse::<Site>().expect_err("a key");
        assert!(!error.to_string().contains(&key), "{error}");
    }

    #[test]
    fn only_the_oldest_sites_have_pages_under_app() {
        let apps = Site::ALL.iter().map(|site| site.app());
        let with_app = apps.filter(|app| app.contains("//app.")).count();
        assert_eq!(with_app, 3);
        assert_eq!(Site::Us5.app(), "https://us5.datadoghq.com");
        assert_eq!(Site::Eu1.api(), "https://api.datadoghq.eu");
    }
}
