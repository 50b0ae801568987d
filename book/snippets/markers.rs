// Beside the handler; call `environment()` first thing in `main`, so that it runs during the
// initialisation of the execution environment.
use std::{fs, sync::OnceLock, sync::atomic::{AtomicBool, Ordering}, time::Instant};

static FIRST: AtomicBool = AtomicBool::new(true);

fn environment() -> &'static (String, Instant) {
    static ENVIRONMENT: OnceLock<(String, Instant)> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let id = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default();
        (id.trim().to_owned(), Instant::now())
    })
}

fn markers(request_id: &str) -> [(&'static str, String); 4] {
    let (id, began) = environment();
    let age = began.elapsed().as_millis();
    // Lambda may initialise ahead of need: after 10 s nobody waited for it.
    let cold = FIRST.swap(false, Ordering::Relaxed) && age <= 10_000;
    [
        ("x-loadgen-cold-start", cold.to_string()),
        ("x-loadgen-request-id", request_id.to_owned()),
        ("x-loadgen-environment-id", id.clone()),
        ("x-loadgen-init-age-ms", age.to_string()),
    ]
}

// In the handler, with `lambda_http`:
//   let mut response = Response::builder().status(200);
//   for (name, value) in markers(&context.request_id) { response = response.header(name, value); }
