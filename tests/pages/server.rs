//! The pages on a loopback port over a store in memory, and a client for them.

use std::{
    sync::{Arc, Once},
    time::Duration,
};

use loadgen::{
    lang::Lang,
    pages::{self, Origin, PageSettings, PagesState},
    telemetry::store::{Store, TelemetryRecord},
};
use tokio::{net::TcpListener, sync::oneshot};

/// Served pages.
pub struct Pages {
    pub base: String,
    pub http: reqwest::Client,
    // Dropped: the store closes and the server ends.
    _store: Store,
    _stop: oneshot::Sender<()>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// Whether the text is on the page, escaped as HTML is.
    #[track_caller]
    pub fn has(&self, text: &str) {
        assert!(
            self.body.contains(text),
            "no `{text}` in: {}",
            self.excerpt()
        );
    }

    #[track_caller]
    pub fn has_not(&self, text: &str) {
        assert!(!self.body.contains(text), "`{text}` in: {}", self.excerpt());
    }

    /// The first link whose address begins so, with its escapes read.
    #[track_caller]
    pub fn link(&self, start: &str) -> String {
        self.first_link(start, |link| link.starts_with(start))
    }

    /// The first link whose address holds this.
    #[track_caller]
    pub fn link_with(&self, part: &str) -> String {
        self.first_link(part, |link| link.contains(part))
    }

    #[track_caller]
    fn first_link(&self, wanted: &str, is_it: impl Fn(&str) -> bool) -> String {
        let links = self.body.split("href=\"").skip(1);
        let found = links
            .filter_map(|rest| rest.split('"').next())
            .find(|link| is_it(link));
        found
            .unwrap_or_else(|| panic!("no link to `{wanted}` in: {}", self.excerpt()))
            .replace("&amp;", "&")
    }

    fn excerpt(&self) -> String {
        self.body.chars().take(6_000).collect()
    }
}

impl Pages {
    /// Pages over these records, on a clock that stands at `now_ms`.
    pub async fn over(now_ms: i64, records: Vec<TelemetryRecord>) -> Pages {
        Pages::over_store(now_ms, Store::in_memory().expect("a store"), records).await
    }

    /// The same, of more than memory has room for.
    pub async fn over_store(
        now_ms: i64,
        store: Store,
        records: impl IntoIterator<Item = TelemetryRecord>,
    ) -> Pages {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Another test binary's setting is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let mut records = records.into_iter().peekable();
        while records.peek().is_some() {
            store.writer().put_all(records.by_ref().take(20_000));
            store.writer().flush().await;
        }
        let state = PagesState {
            reader: store.reader(),
            now_ms: Arc::new(move || now_ms),
            runs: Arc::new(Vec::new),
            settings: Arc::new(PageSettings {
                lang: Lang::En,
                last: Some(Duration::from_secs(4 * 3_600)),
                origin: Origin::Sandbox,
                live: true,
                command: "loadgen cold-start".to_owned(),
            }),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(pages::serve(state, listener, async {
            let _ = stopped.await;
        }));
        Pages {
            base,
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            _store: store,
            _stop: stop,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let answer = self
            .http
            .get(format!("{}{path}", self.base))
            .send()
            .await
            .expect("an answer");
        Answer {
            status: answer.status().as_u16(),
            body: answer.text().await.expect("text"),
        }
    }
}
