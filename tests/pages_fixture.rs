mod telemetry;
#[test]
fn write() {
    let Ok(path) = std::env::var("PAGES_DB") else {
        return;
    };
    let n: u64 = std::env::var("PAGES_N")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20);
    let _ = std::fs::remove_file(&path);
    let store = loadgen::sandbox::store::Store::open(&path, Default::default()).unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    for chunk in telemetry::a_run(now, n).chunks(20_000) {
        store.writer().put_all(chunk.to_vec());
        store.writer().flush_blocking();
    }
    store.close().unwrap();
}
