//! Which language a page speaks, and that a Korean one speaks nothing else.

use regex::Regex;

use super::{server::Pages, telemetry::a_run};

const NOW: i64 = 1_795_347_320_000;

async fn opened(pages: &Pages, path: &str, headers: &[(&str, &str)]) -> (String, Option<String>) {
    let mut request = pages.http.get(format!("{}{path}", pages.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.expect("an answer");
    let cookie = answer.headers().get("set-cookie");
    let cookie = cookie.map(|cookie| cookie.to_str().expect("text").to_owned());
    (answer.text().await.expect("a page"), cookie)
}

#[tokio::test]
async fn a_remembered_choice_comes_first_then_the_browser_then_the_sandbox() {
    let pages = Pages::over(NOW, a_run(NOW, 1)).await;
    let korean = "<html lang=\"ko\">";
    let browser = ("accept-language", "ko-KR,ko;q=0.9,en;q=0.8");
    let (page, cookie) = opened(&pages, "/functions", &[]).await;
    assert!(!page.contains(korean) && cookie.is_none());
    let (page, cookie) = opened(&pages, "/functions", &[browser]).await;
    assert!(page.contains(korean) && cookie.is_none());
    // Chosen once, it holds against the browser's wish.
    let (page, cookie) = opened(&pages, "/functions?lang=en", &[browser]).await;
    assert!(!page.contains(korean));
    let cookie = cookie.expect("the choice is remembered");
    let remembered = cookie.split(';').next().expect("a pair");
    let (page, _) = opened(&pages, "/functions", &[browser, ("cookie", remembered)]).await;
    assert!(!page.contains(korean));
}

#[tokio::test]
async fn korean_pages_hold_no_english_sentence() {
    let pages = Pages::over(NOW, a_run(NOW, 4)).await;
    let quoted = Regex::new(
        "(?s)<(head|code|pre|title|option)[ >].*?</(head|code|pre|title|option)>|<[^>]*>",
    )
    .expect("a pattern");
    let sentence = Regex::new("(?:[A-Za-z]{2,}[ \u{a0}]){2,}[A-Za-z]{2,}").expect("a pattern");
    let names = ["View in Log Explorer", "Enhanced Lambda metrics"];
    let korean = ("cookie", "loadgen_lang=ko");
    for path in [
        "/functions",
        "/functions/datadog-sample-entry-function:ap-northeast-2:123456789012:aws",
        "/functions/no-such-function",
        "/apm/trace/xyz",
        "/apm/trace/1",
        "/logs?query=%22never%22",
        "/logs?query=a%20OR%20OR%20b",
        "/logs?query=%28open",
        "/screen/integration/aws_lambda_enhanced_metrics",
    ] {
        let (page, _) = opened(&pages, path, &[korean]).await;
        assert!(page.contains("<html lang=\"ko\">"), "{path}");
        let text = quoted.replace_all(&page, " | ");
        let english: Vec<&str> = sentence
            .find_iter(&text)
            .map(|found| found.as_str())
            .filter(|found| !names.contains(found))
            .collect();
        assert!(english.is_empty(), "{path}: {english:?}");
    }
}
