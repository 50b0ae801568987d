//! The target of the requests: an embedded sandbox unless an address or a stack is named.

use std::{error::Error, io, iter, time::Duration};

use reqwest::{StatusCode, Url, redirect::Policy};

use super::{ForceCold, Invoked, RunError, RunErrorKind, blocking::block_on, stack::Stack, words};
use crate::{
    aws::{Endpoint, InvokedFunction, address::is_aws},
    control::{Advance, Hidden, Info},
    engine::SkipIdle,
    environment::variable,
    host::HostedApp,
    lambda::FunctionSettings,
    lang::{Statement, statements::failure},
    record::TargetKind,
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions},
    units::Address,
};

/// How long a control request may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a sandbox may take to advance its clock: it simulates everything in between.
const ADVANCE_PATIENCE: Duration = Duration::from_secs(60);

/// Where a run's requests go.
#[derive(Debug)]
pub enum RunTarget {
    /// A sandbox that the run starts itself, and that ends with it.
    Embedded,
    /// The same of the functions that the scenario models, which are invoked.
    Modelled(Invoked),
    /// The same with functions of the reader's own, as real processes.
    Hosted(HostedApp),
    /// What was found at an address or of a stack.
    Found(Box<Destination>),
}

impl RunTarget {
    /// The target at an address. A loopback address that answers `/_sandbox/info` is a sandbox.
    /// Blocks while it asks.
    ///
    /// # Errors
    /// When requests cannot be sent to this address.
    pub fn at(address: &str) -> Result<RunTarget, RunError> {
        Destination::at(address).map(RunTarget::from)
    }

    /// The functions that are invoked, and how.
    pub(super) fn invoking(&self) -> Option<&Invoked> {
        match self {
            RunTarget::Modelled(invoked) => Some(invoked),
            _ => self.found()?.invoked.as_ref(),
        }
    }

    /// The names of the invoked functions; empty if requests go to one address.
    pub(super) fn invoked(&self) -> Vec<String> {
        let functions = self.invoking().map(|invoked| &invoked.functions);
        let functions = functions.into_iter().flatten();
        functions.map(|function| function.name.clone()).collect()
    }

    /// What was found; None for a sandbox that is still to be started.
    pub(super) fn found(&self) -> Option<&Destination> {
        match self {
            RunTarget::Embedded | RunTarget::Modelled(_) | RunTarget::Hosted(_) => None,
            RunTarget::Found(found) => Some(found),
        }
    }
}

impl From<Destination> for RunTarget {
    fn from(found: Destination) -> RunTarget {
        RunTarget::Found(Box::new(found))
    }
}

/// A target that requests can be sent to.
#[derive(Debug)]
pub struct Destination {
    /// What kind it is.
    pub kind: TargetKind,
    /// Where requests go.
    pub url: Address,
    /// The address that was requested. It differs from `url` if an emulator stands in.
    pub address: Address,
    /// The sandbox's information on itself, if the target is one.
    pub sandbox: Option<Info>,
    /// The sandbox that this command started, which ends with it.
    embedded: Option<EmbeddedSandbox>,
    /// The Host header, if it is not the address's.
    pub host_header: Option<String>,
    /// What was looked up of the stack, if the target is one.
    pub stack: Option<Stack>,
    /// The functions that are invoked through Lambda's own API, if they are the target.
    pub invoked: Option<Invoked>,
    /// Empties all environments instead of idling, if that was requested.
    pub force_cold: Option<ForceCold>,
}

impl Destination {
    /// A target of this kind at an address, with everything else unknown.
    pub(super) fn of_kind(kind: TargetKind, url: Address) -> Destination {
        Destination {
            kind,
            url: url.clone(),
            address: url,
            sandbox: None,
            embedded: None,
            host_header: None,
            stack: None,
            invoked: None,
            force_cold: None,
        }
    }

    /// An embedded sandbox, configured as the scenario demands.
    ///
    /// # Errors
    /// When it cannot start, or Lambda would not accept the settings.
    pub fn embedded(
        options: SandboxOptions,
        settings: &FunctionSettings,
    ) -> Result<Destination, RunError> {
        let embedded = Sandbox::embedded(options).map_err(RunErrorKind::Target.caused())?;
        let info = configured(embedded.info().clone(), None, settings)?;
        let url = read(&info.invoke_url)?;
        Ok(Destination {
            sandbox: Some(info),
            embedded: Some(embedded),
            ..Destination::of_kind(TargetKind::Sandbox, url)
        })
    }

    /// Sends to these functions of the sandbox, by Lambda's API.
    pub(super) fn invoke(&mut self, invoked: Invoked) -> Result<(), RunError> {
        if let (Some(info), Some(first)) = (&self.sandbox, invoked.functions.first()) {
            self.url = read(&info.datadog_url)?.join(&first.path());
            self.address = self.url.clone();
            self.invoked = Some(invoked);
        }
        Ok(())
    }

    /// Sends to the root of the sandbox's API, where requests name their own paths.
    pub(super) fn leave_route(&mut self) -> Result<(), RunError> {
        let Some(info) = &self.sandbox else {
            return Ok(());
        };
        let route = info
            .functions
            .iter()
            .find_map(|function| function.route.as_deref());
        let route = route.unwrap_or_default().trim_end_matches('/');
        let root = info.invoke_url.strip_suffix(route);
        self.url = read(root.unwrap_or(&info.invoke_url))?;
        self.address = self.url.clone();
        Ok(())
    }

    /// The target at an address.
    ///
    /// # Errors
    /// When requests cannot be sent to this address.
    pub fn at(address: &str) -> Result<Destination, RunError> {
        let url = read(address)?;
        let sandbox = match url.is_this_machine() {
            true => ask_info(&url)?,
            false => None,
        };
        let (kind, sandbox) = match sandbox {
            Some(info) => (TargetKind::Sandbox, Some(info)),
            None if is_aws(url.url()) => (TargetKind::Aws, None),
            None => (TargetKind::Http, None),
        };
        Ok(Destination {
            sandbox,
            ..Destination::of_kind(kind, url)
        })
    }

    /// The API Gateway address `address`, reached on an emulator.
    ///
    /// # Errors
    /// When the address is not one of API Gateway.
    pub fn on_emulator(address: &str, endpoint: &Endpoint) -> Result<Destination, RunError> {
        let asked = read(address)?;
        let Some(route) = endpoint.route(&asked) else {
            return Err(
                RunErrorKind::Target.error(words::no_api_gateway(address, endpoint.to_string()))
            );
        };
        Ok(Destination {
            address: asked,
            host_header: Some(route.host),
            ..Destination::of_kind(TargetKind::Http, route.url)
        })
    }

    /// The stack's API.
    ///
    /// # Errors
    /// When requests cannot be sent to its address.
    pub fn of_stack(stack: Stack, endpoint: Option<&Endpoint>) -> Result<Destination, RunError> {
        let address = &stack.outputs.invoke_url;
        let target = match endpoint {
            Some(endpoint) => Destination::on_emulator(address, endpoint)?,
            None => Destination::at(address)?,
        };
        Ok(Destination {
            force_cold: stack.force_cold.clone(),
            stack: Some(stack),
            ..target
        })
    }

    /// The addresses of further functions that are invoked.
    pub(super) fn other_addresses(&self) -> Vec<Address> {
        let others = (self.invoked.iter()).flat_map(|invoked| invoked.functions.iter().skip(1));
        let address = |function| self.url.beside(&InvokedFunction::path(function));
        others.map(address).collect()
    }

    /// Configures the sandbox as the scenario demands, and tells it which parts of requests it must
    /// not keep. Does nothing at any other target.
    ///
    /// # Errors
    /// When it refuses the settings or does not answer.
    pub fn configure(
        &mut self,
        settings: &FunctionSettings,
        hidden: &Hidden,
    ) -> Result<(), RunError> {
        if let Some(info) = self.sandbox.take() {
            hide(&info, hidden)?;
            let invoked = self.invoked.as_ref();
            let invoked = invoked.map(|invoked| invoked.functions.iter().map(|one| &one.name));
            let names: Option<Vec<&String>> = invoked.map(Iterator::collect);
            self.sandbox = Some(configured(info, names.as_deref(), settings)?);
        }
        Ok(())
    }

    /// Whether load may go there freely: this machine, under any of its names.
    pub fn is_this_machine(&self) -> bool {
        self.url.is_this_machine()
    }

    /// The information of this command's own sandbox; None at any other target.
    pub fn embedded_info(&self) -> Option<&Info> {
        self.sandbox.as_ref().filter(|_| self.embedded.is_some())
    }

    /// Whether functions of the reader's own run there.
    pub fn is_hosted(&self) -> bool {
        let info = self.sandbox.iter();
        info.flat_map(|info| &info.functions)
            .any(|function| function.hosted)
    }

    /// Skips an idle phase on a sandbox; None at any other target.
    pub fn skip_idle(&self) -> Option<SkipIdle> {
        let base = self.sandbox.as_ref()?.datadog_url.clone();
        Some(SkipIdle::new(move |left| advance(&base, left)))
    }

    /// Advances the clock of a sandbox by a minute, so that monitors are evaluated; None at any
    /// other target.
    pub fn skip_minute(&self) -> Option<Result<(), Statement>> {
        let base = &self.sandbox.as_ref()?.datadog_url;
        Some(advance(base, Duration::from_secs(60)))
    }

    /// The sandbox's information now: its clock has moved.
    ///
    /// # Errors
    /// When it no longer answers.
    pub fn info_now(&self) -> Result<Option<Info>, RunError> {
        match &self.sandbox {
            Some(info) => ask_info(&read(&info.datadog_url)?),
            None => Ok(None),
        }
    }
}

fn read(address: &str) -> Result<Address, RunError> {
    Address::filled(address, variable).map_err(RunErrorKind::Target.caused())
}

/// The sandbox at a loopback address, if one answers there.
///
/// # Errors
/// When the address is invalid.
pub fn sandbox_at(address: &str) -> Result<Option<Info>, RunError> {
    let url = read(address)?;
    match url.is_this_machine() {
        true => ask_info(&url),
        false => Ok(None),
    }
}

fn ask_info(address: &Address) -> Result<Option<Info>, RunError> {
    let mut info = address.url().clone();
    info.set_path("/_sandbox/info");
    info.set_query(None);
    block_on(async {
        // Any other response, and no response, means that this is no sandbox. The run itself will
        // report why the target cannot be reached.
        let Ok(answer) = client(&info)?.get(info).send().await else {
            return Ok(None);
        };
        if answer.status() != StatusCode::OK || answer.content_length().is_none_or(|n| n > 1 << 20)
        {
            return Ok(None);
        }
        let found: Option<Info> = answer.json().await.ok();
        Ok(found.filter(|info| info.kind == Info::KIND))
    })?
}

/// Tells a sandbox in another process which parts of the requests carry secrets.
fn hide(info: &Info, hidden: &Hidden) -> Result<(), RunError> {
    if *hidden == Hidden::default() {
        return Ok(());
    }
    let mut url = read(&info.datadog_url)?.url().clone();
    url.set_path("/_sandbox/hidden");
    // An older sandbox does not know this path, and keeps what it always kept.
    let told = async { client(&url).map(|client| client.put(url).json(hidden).send()) };
    block_on(async { told.await?.await.map_err(RunErrorKind::Target.caused()) })?.map(drop)
}

/// Configures these functions of a sandbox. Without names, its entry function.
fn configured(
    info: Info,
    functions: Option<&[&String]>,
    settings: &FunctionSettings,
) -> Result<Info, RunError> {
    let entry = info.functions.first().map(|entry| &entry.name);
    let names = match functions {
        Some(names) => names.to_vec(),
        None => entry.into_iter().collect(),
    };
    if names.is_empty() || *settings == FunctionSettings::default() {
        return Ok(info);
    }
    for name in names {
        configure(&info, name, settings)?;
    }
    ask_info(&read(&info.datadog_url)?)?
        .ok_or_else(|| RunErrorKind::Target.error(words::sandbox_gone(&info.datadog_url)))
}

fn configure(info: &Info, name: &str, settings: &FunctionSettings) -> Result<(), RunError> {
    let mut url = read(&info.datadog_url)?.url().clone();
    url.set_path(&format!("/_sandbox/functions/{name}"));
    block_on(async {
        let unreachable = |error: reqwest::Error| {
            RunErrorKind::Target.error(words::sandbox_silent(&info.datadog_url, error.to_string()))
        };
        let answer = client(&url)?
            .put(url)
            .json(settings)
            .send()
            .await
            .map_err(unreachable)?;
        if answer.status() != StatusCode::OK {
            let said = beginning(answer, 1_000).await.unwrap_or_default();
            let said: String = said.chars().take(300).collect();
            return Err(RunErrorKind::Target.error(words::settings_refused(said)));
        }
        Ok(())
    })?
}

/// The first `most` bytes of a response's body, as text: a server may send without end.
pub(super) async fn beginning(
    mut answer: reqwest::Response,
    most: usize,
) -> reqwest::Result<String> {
    let mut said = Vec::new();
    while said.len() < most
        && let Some(chunk) = answer.chunk().await?
    {
        said.extend_from_slice(&chunk[..chunk.len().min(most - said.len())]);
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}

/// Advances the clock of the sandbox at this address.
fn advance(base: &str, by: Duration) -> Result<(), Statement> {
    let mut url = Url::parse(base).map_err(|error| Statement::verbatim(error.to_string()))?;
    url.set_path("/_sandbox/advance");
    let by_ms = u64::try_from(by.as_micros().div_ceil(1000)).unwrap_or(u64::MAX);
    let request = client(&url).map_err(|error| Statement::verbatim(error.to_string()))?;
    let request = request.post(url).json(&Advance { by_ms });
    let status = block_on(async move { request.timeout(ADVANCE_PATIENCE).send().await });
    match status.map_err(|error| Statement::verbatim(error.to_string()))? {
        Ok(answer) if answer.status() == StatusCode::OK => Ok(()),
        Ok(answer) => Err(failure::sandbox_status(answer.status().as_str())),
        Err(error) if error.is_timeout() => Err(failure::sandbox_late(ADVANCE_PATIENCE)),
        Err(error) if error.is_connect() => Err(failure::not_opened(&cause(&error))),
        Err(_) => Err(failure::sandbox_silent()),
    }
}

/// The system's message about a connection that could not be opened.
pub(super) fn cause(error: &reqwest::Error) -> String {
    iter::successors(error.source(), |&error| error.source())
        .find_map(|error| error.downcast_ref::<io::Error>())
        .map_or_else(|| error.to_string(), io::Error::to_string)
}

pub(super) fn client(url: &Url) -> Result<reqwest::Client, RunError> {
    // Fails only if a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(PATIENCE);
    if url.scheme() == "http" {
        // Loading the system's certificates takes over a megabyte of memory that is never freed.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(RunErrorKind::Target.caused())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, net::TcpListener, thread};

    fn read_request(stream: &mut impl io::Read) {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(b"}") && matches!(stream.read(&mut byte), Ok(1)) {
            seen.extend(byte);
        }
        let text = String::from_utf8_lossy(&seen);
        assert!(text.starts_with("POST /_sandbox/advance HTTP/1.1\r\n"));
        assert!(text.ends_with("{\"by_ms\":2001}"), "{text}");
    }

    #[test]
    fn a_sandbox_that_does_not_advance_its_clock_is_an_error_with_the_reason() {
        let by = Duration::from_micros(2_000_001);
        for (answer, reason) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", None),
            (
                "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
                Some("the sandbox answered with status 404"),
            ),
            ("", Some("the sandbox gave no answer")),
        ] {
            let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
            let base = format!("http://{}", listener.local_addr().expect("bound"));
            let serving = thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("a client");
                read_request(&mut stream);
                stream.write_all(answer.as_bytes()).expect("sent");
            });
            assert_eq!(
                advance(&base, by).err().map(|why| why.text).as_deref(),
                reason
            );
            serving.join().expect("no panic");
        }
        // Nothing listens on port 1 of loopback.
        let error = advance("http://127.0.0.1:1", by).expect_err("nothing listens");
        let refused = "the connection could not be opened: Connection refused";
        assert!(error.text.starts_with(refused), "{error}");
    }
}
