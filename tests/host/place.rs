//! A folder with functions, a folder for temporary files that must be empty at the end, and a sandbox
//! that runs the functions.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::loadgen_in;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn with(files: &[(&str, &str)]) -> Place {
        let folder = TempDir::new().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        fs::create_dir(folder.path().join("tmp")).expect("a folder");
        Place { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder
            .path()
            .canonicalize()
            .expect("a path")
            .join(name)
    }

    pub fn executable(&self, name: &str) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).expect("allowed");
    }

    pub fn loadgen(&self, arguments: &[&str]) -> Command {
        let mut command = loadgen_in(self.folder.path());
        command.env("TMPDIR", self.path("tmp")).args(arguments);
        command
    }

    pub fn sandbox(&self, function: &str) -> HostingSandbox {
        self.sandbox_with(&[function])
    }

    /// A sandbox with a function, and other flags.
    pub fn sandbox_with(&self, flags: &[&str]) -> HostingSandbox {
        self.sandbox_of(&[&["--function-dir"], flags].concat())
    }

    pub fn sandbox_of(&self, app: &[&str]) -> HostingSandbox {
        let mut command = self.loadgen(&["sandbox", "--port", "0", "--json"]);
        command.args(app);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let addresses: Value = serde_json::from_str(&line).expect("addresses");
        let text = |key: &str| addresses[key].as_str().expect(key).to_owned();
        HostingSandbox {
            base: text("datadog_url"),
            url: text("invoke_url"),
            process,
        }
    }

    /// Waits until `is_so`.
    #[track_caller]
    pub fn comes(&self, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "it did not come");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Of the processes and files of hosts nothing is left.
    #[track_caller]
    pub fn is_clean(&self) {
        self.is_clean_after("all");
    }

    #[track_caller]
    pub fn is_clean_after(&self, what: &str) {
        let began = Instant::now();
        // Twice: a process that is just being started shows the variables of its parent.
        let mut clean = 0;
        while clean < 2 {
            let left = (self.files(), self.processes(), self.supervisors());
            let none = left.0.is_empty() && left.1.is_empty() && left.2.is_empty();
            clean = if none { clean + 1 } else { 0 };
            assert!(began.elapsed() < PATIENCE, "left after {what}: {left:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The folders of hosts.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("tmp")).expect("a folder").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.starts_with("loadgen-host-"))
            .collect()
    }

    /// The processes of environments: each names its temporary folder in its variables.
    pub fn processes(&self) -> Vec<u32> {
        let needle = format!("TMPDIR={}/loadgen-host-", self.path("tmp").display());
        processes(|process| {
            let variables = fs::read(process.join("environ")).unwrap_or_default();
            variables
                .windows(needle.len())
                .any(|part| part == needle.as_bytes())
        })
    }

    /// The control groups in which the memory of its environments is limited.
    pub fn memory_groups(&self) -> Vec<PathBuf> {
        let own = |process: u32| fs::read_to_string(format!("/proc/{process}/cgroup"));
        let texts: Vec<String> = self.processes().into_iter().flat_map(own).collect();
        let lines = texts.iter().flat_map(|text| text.lines());
        let named = lines.filter(|line| line.contains("/loadgen-host-"));
        let groups = named.filter_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            Some(
                Path::new("/sys/fs/cgroup")
                    .join(controllers)
                    .join(path.trim_start_matches('/')),
            )
        });
        groups.collect()
    }

    /// The supervisors.
    pub fn supervisors(&self) -> Vec<u32> {
        let needle = format!("supervise-environments\0{}", self.path("tmp").display());
        processes(|process| {
            let typed = fs::read(process.join("cmdline")).unwrap_or_default();
            typed
                .windows(needle.len())
                .any(|part| part == needle.as_bytes())
        })
    }
}

fn processes(is_one: impl Fn(&Path) -> bool) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let found = entries.filter(|entry| is_one(&entry.path()));
    found
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Whether a program is installed.
pub fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// Whether a process is in this state: `T` is stopped.
pub fn is_state(process: u64, state: char) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
    after.starts_with(state)
}

pub struct HostingSandbox {
    base: String,
    url: String,
    process: Child,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    /// The end of the log, where it came.
    pub log: String,
}

/// A response as it came.
#[derive(Debug)]
pub struct SlowRead {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// When the first byte of the body came.
    pub first: Instant,
    /// Whether it ended before its end.
    pub broken: bool,
}

impl HostingSandbox {
    /// A request through API Gateway, and its response piece by piece.
    pub fn read_slowly(&self, query: &str) -> SlowRead {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let request = Self::client().get(format!("{}{query}", self.url));
            let mut answer = request.send().await.expect("an answer");
            let texts = answer.headers().iter().map(|(name, value)| {
                let value = value.to_str().unwrap_or_default();
                (name.to_string(), value.to_owned())
            });
            let mut read = SlowRead {
                status: answer.status().as_u16(),
                headers: texts.collect(),
                body: String::new(),
                first: Instant::now(),
                broken: false,
            };
            loop {
                match answer.chunk().await {
                    Ok(Some(piece)) => {
                        if read.body.is_empty() {
                            read.first = Instant::now();
                        }
                        read.body.push_str(&String::from_utf8_lossy(&piece));
                    }
                    Ok(None) => return read,
                    Err(_) => {
                        read.broken = true;
                        return read;
                    }
                }
            }
        })
    }

    fn client() -> reqwest::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
    }

    /// The Serverless View.
    pub fn page(&self) -> String {
        let request = Self::client().get(format!("{}/functions", self.base));
        String::from_utf8(self.send(request).2).expect("a page")
    }

    fn send(&self, request: reqwest::RequestBuilder) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let answer = request.send().await.expect("an answer");
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            (
                status,
                headers,
                answer.bytes().await.expect("a body").to_vec(),
            )
        })
    }

    fn answer(&self, request: reqwest::RequestBuilder) -> Answer {
        let (status, headers, body) = self.send(request);
        let texts = headers.iter().map(|(name, value)| {
            (
                name.to_string(),
                value.to_str().unwrap_or_default().to_owned(),
            )
        });
        let headers: BTreeMap<String, String> = texts.collect();
        let log = headers
            .get("x-amz-log-result")
            .map(|log| STANDARD.decode(log).expect("base64"));
        Answer {
            status,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            log: String::from_utf8_lossy(&log.unwrap_or_default()).into_owned(),
            headers,
        }
    }

    /// A request through API Gateway.
    pub fn get(&self, query: &str) -> Answer {
        self.answer(Self::client().get(format!("{}{query}", self.url)))
    }

    /// The same with another method.
    pub fn at(&self, method: &str, path: &str) -> Answer {
        let method = method.parse().expect("a method");
        self.answer(Self::client().request(method, format!("{}{path}", self.url)))
    }

    /// A synchronous invocation with the end of its log.
    pub fn invoke(&self, function: &str, event: &Value) -> Answer {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.base);
        self.answer(
            Self::client()
                .post(url)
                .header("x-amz-log-type", "Tail")
                .json(event),
        )
    }

    /// An invocation whose response is streamed: status, type, and the body with what is no text left out.
    pub fn invoke_stream(&self, function: &str, event: &Value) -> (u16, String, String) {
        let path = format!("2021-11-15/functions/{function}/response-streaming-invocations");
        let request = Self::client().post(format!("{}/{path}", self.base));
        let (status, headers, body) = self.send(request.json(event));
        let kind = headers["content-type"].to_str().unwrap_or_default();
        (
            status,
            kind.to_owned(),
            String::from_utf8_lossy(&body).into_owned(),
        )
    }

    /// An asynchronous invocation; its status.
    pub fn later(&self, function: &str, event: &Value) -> u16 {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.base);
        let request = Self::client()
            .post(url)
            .header("x-amz-invocation-type", "Event");
        self.send(request.json(event)).0
    }

    /// A call of SQS, in its JSON protocol.
    pub fn sqs(&self, action: &str, call: &Value) -> Answer {
        let request = Self::client().post(format!("{}/_aws/sqs", self.base));
        let request = request.header("x-amz-target", format!("AmazonSQS.{action}"));
        self.answer(request.json(call))
    }

    /// A call of SNS, in the query protocol; status and XML.
    pub fn sns(&self, form: &[(&str, &str)]) -> (u16, String) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(form).finish();
        let request = Self::client().post(format!("{}/_aws/sns/", self.base));
        let (status, _, body) = self.send(request.body(body));
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// So many requests at once; status and body of each.
    pub fn at_once(&self, count: usize) -> Vec<(u16, String)> {
        let one = || {
            let (status, _, body) = self.send(Self::client().get(&self.url));
            (status, String::from_utf8_lossy(&body).into_owned())
        };
        thread::scope(|scope| {
            let all: Vec<_> = (0..count).map(|_| scope.spawn(one)).collect();
            all.into_iter()
                .map(|one| one.join().expect("no panic"))
                .collect()
        })
    }

    pub fn configure(&self, function: &str, settings: &Value) -> (u16, String) {
        let url = format!("{}/_sandbox/functions/{function}", self.base);
        let (status, _, body) = self.send(Self::client().put(url).json(settings));
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    pub fn advance(&self, by: Duration) {
        let url = format!("{}/_sandbox/advance", self.base);
        let by = json!({ "by_ms": by.as_millis() as u64 });
        assert_eq!(self.send(Self::client().post(url).json(&by)).0, 200);
    }

    /// What Datadog's API finds, once it finds anything.
    pub fn search(&self, what: &str, query: &str) -> Value {
        let url = format!("{}/api/v2/{what}/search", self.base);
        let filter = json!({ "query": query, "from": "now-1d", "to": "now+1d" });
        let body = match what {
            "logs/events" => json!({ "filter": filter }),
            _ => {
                json!({ "data": { "type": "search_request", "attributes": { "filter": filter } } })
            }
        };
        let began = Instant::now();
        loop {
            let request = Self::client()
                .post(&url)
                .json(&body)
                .header("DD-API-KEY", "0123456789abcdef0123456789abcdef")
                .header(
                    "DD-APPLICATION-KEY",
                    "0123456789abcdef0123456789abcdef01234567",
                );
            let found = self.answer(request).body;
            if found["data"]
                .as_array()
                .is_some_and(|data| !data.is_empty())
            {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "nothing is found: {found}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops it as Ctrl-C does, and waits.
    pub fn stop(mut self) {
        let id = self.process.id().to_string();
        let told = Command::new("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill");
        assert!(told.success());
        assert_eq!(self.process.wait().expect("it ends").code(), Some(0));
    }
}

impl Drop for HostingSandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
