//! Links into Datadog's pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Site;
use crate::insight::tag_value;

/// Escaped in links: a blank becomes %20, as in Datadog's own links.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Makes links to the pages of a Datadog site, or of a sandbox that serves the same paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    app: String,
}

impl Links {
    /// To a site's pages.
    pub fn to_site(site: Site) -> Links {
        Links { app: site.app() }
    }

    /// To the pages at another address.
    pub fn to_base(address: &str) -> Links {
        Links {
            app: address.trim_end_matches('/').to_owned(),
        }
    }

    /// The Serverless View, searched for `text`, such as a function's name.
    pub fn functions(&self, text: &str) -> String {
        let query = [
            ("cloud", "aws"),
            ("entity_view", "lambda_functions"),
            ("text_search", text),
        ];
        self.link("/functions", &query)
    }

    /// The metric explorer: one metric of one function over a time range in milliseconds.
    pub fn metric(&self, metric: &str, function: &str, from_ms: i64, to_ms: i64) -> String {
        let (from, to) = (from_ms.to_string(), to_ms.to_string());
        let scope = format!("functionname:{}", tag_value(function));
        let query = [
            ("exp_metric", metric),
            ("exp_scope", &scope),
            ("from_ts", &from),
            ("to_ts", &to),
            ("live", "false"),
        ];
        self.link("/metric/explorer", &query)
    }

    /// A monitor.
    pub fn monitor(&self, id: u64) -> String {
        self.link(&format!("/monitors/{id}"), &[])
    }

    /// The page that makes keys.
    pub fn api_keys(&self) -> String {
        self.link("/organization-settings/api-keys", &[])
    }

    /// The page that sets up the AWS integration.
    pub fn aws_integration(&self) -> String {
        self.link("/integrations/amazon-web-services", &[])
    }

    fn link(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut link = format!("{}{path}", self.app);
        for (place, (key, value)) in query.iter().enumerate() {
            link.push(if place == 0 { '?' } else { '&' });
            link.push_str(key);
            link.push('=');
            link.extend(utf8_percent_encode(value, ESCAPED));
        }
        link
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_of(link: &str) -> Vec<(String, String)> {
        let url = reqwest::Url::parse(link).expect(link);
        url.query_pairs()
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect()
    }

    #[test]
    fn links_say_back_what_they_were_made_of() {
        let links = Links::to_site(Site::Us1);
        let search = "service:a b @x:\"y&z\" 한국";
        let link = links.functions(search);
        assert!(link.contains("&text_search=service%3Aa%20b"), "{link}");
        assert!(query_of(&link).contains(&("text_search".to_owned(), search.to_owned())));
        let link = links.metric("aws.lambda.enhanced.errors", "My-Fn", 1, 2);
        let scope = ("exp_scope".to_owned(), "functionname:my-fn".to_owned());
        assert!(query_of(&link).contains(&scope));
    }

    #[test]
    fn links_lead_to_the_site_that_was_asked_for() {
        let link = Links::to_site(Site::Ap1).functions("f");
        assert!(link.starts_with("https://ap1.datadoghq.com/functions?cloud=aws"));
        let link = Links::to_base("http://127.0.0.1:9/").api_keys();
        assert_eq!(link, "http://127.0.0.1:9/organization-settings/api-keys");
    }
}
