//! Reads an address: whether it is one of AWS's, its region, and whether it is the sample app's.
//! In China the names of AWS's hosts end in `.cn`.

use reqwest::Url;

/// The stage of the sample app's REST API, in Datadog's template and in ours.
const SAMPLE_STAGE: &str = "datadog-sample-app-stage";

/// The host's name, without China's `.cn`.
fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_suffix(".cn").unwrap_or(host)
}

/// Whether the host is one of AWS's: API Gateway's, a Function URL's or any other.
pub fn is_aws(url: &Url) -> bool {
    let host = host(url);
    host.ends_with(".amazonaws.com") || host.ends_with(".on.aws")
}

/// Whether the host is one of API Gateway's: `ID.execute-api.REGION.amazonaws.com`.
pub fn is_gateway(url: &Url) -> bool {
    is_aws(url) && host(url).contains(".execute-api.")
}

/// The region in an address of API Gateway, a Function URL (`ID.lambda-url.REGION.on.aws`) or
/// Lambda's own API.
pub fn region_of(url: &Url) -> Option<String> {
    let labels: Vec<&str> = host(url).split('.').collect();
    match labels.as_slice() {
        [_, "execute-api", region, "amazonaws" | "vpce", ..]
        | [_, "lambda-url", region, "on", "aws"]
        | ["lambda" | "lambda-fips", region, "amazonaws", ..]
        | [_, "lambda", region, "vpce", ..] => Some((*region).to_owned()),
        _ => None,
    }
}

/// Whether the address is the sample app's stage, on AWS or elsewhere.
pub fn is_sample_stage(url: &Url) -> bool {
    let mut segments = url.path_segments().into_iter().flatten();
    segments.next() == Some(SAMPLE_STAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Url {
        Url::parse(address).expect(address)
    }

    #[test]
    fn the_sample_app_is_known_by_its_stage() {
        for (url, known) in [
            (
                "https://ab12.execute-api.us-east-1.amazonaws.com/datadog-sample-app-stage",
                true,
            ),
            ("http://127.0.0.1:4566/datadog-sample-app-stage/", true),
            (
                "https://ab12.execute-api.us-east-1.amazonaws.com/prod",
                false,
            ),
            ("https://example.com/a/datadog-sample-app-stage", false),
        ] {
            assert_eq!(is_sample_stage(&read(url)), known, "{url}");
        }
    }

    #[test]
    fn an_address_of_aws_names_its_region() {
        for (url, region) in [
            (
                "https://ab12.execute-api.eu-west-1.amazonaws.com/prod",
                Some("eu-west-1"),
            ),
            (
                "https://ab12.execute-api.cn-north-1.amazonaws.com.cn/",
                Some("cn-north-1"),
            ),
            (
                "https://vpce-0a1b-c2d3.execute-api.eu-west-1.vpce.amazonaws.com/prod",
                Some("eu-west-1"),
            ),
            (
                "https://abc.lambda-url.ap-northeast-2.on.aws/",
                Some("ap-northeast-2"),
            ),
            ("https://lambda.us-east-1.amazonaws.com/", Some("us-east-1")),
            (
                "https://vpce-0a1b.lambda.eu-west-1.vpce.amazonaws.com/",
                Some("eu-west-1"),
            ),
            ("https://example.com/", None),
        ] {
            assert_eq!(region_of(&read(url)).as_deref(), region, "{url}");
        }
    }

    #[test]
    fn the_hosts_of_aws_are_known_in_china_too() {
        for (address, known) in [
            (
                "https://ab12.execute-api.eu-west-1.amazonaws.com/prod",
                true,
            ),
            (
                "https://ab12.execute-api.cn-north-1.amazonaws.com.cn/prod",
                true,
            ),
            ("https://abc.lambda-url.eu-west-1.on.aws/", true),
            ("https://amazonaws.com.example.cn/", false),
            ("http://127.0.0.1:8080/", false),
        ] {
            assert_eq!(is_aws(&read(address)), known, "{address}");
        }
    }
}
