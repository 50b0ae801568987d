//! Which language the served guide opens in.

use loadgen::lang::Lang;
use reqwest::{Client, redirect::Policy};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_guide_opens_in_the_language_that_was_chosen_else_in_the_browsers() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(
        async move { loadgen::guide::serve(Lang::En, listener, std::future::pending()).await },
    );
    let client = Client::builder().no_proxy().redirect(Policy::none());
    let client = client.build().expect("a client");
    let opened = async |headers: &[(&str, &str)]| {
        let mut request = client.get(format!("{base}/"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let leads_to = answer.headers().get("location");
        leads_to.map(|to| to.to_str().expect("text").to_owned())
    };
    assert_eq!(opened(&[]).await, None, "the front page leads on");
    let korean = ("accept-language", "ko-KR,ko");
    assert_eq!(opened(&[korean]).await.as_deref(), Some("/ko/"));
    let page = client.get(format!("{base}/en/")).send().await;
    let page = page.expect("a page");
    let cookie = page.headers().get("set-cookie").expect("is remembered");
    let cookie = cookie
        .to_str()
        .expect("text")
        .split(';')
        .next()
        .expect("a pair");
    assert_eq!(
        opened(&[korean, ("cookie", cookie)]).await.as_deref(),
        Some("/en/")
    );
}
