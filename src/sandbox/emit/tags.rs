//! The tags that say where telemetry comes from.

use std::collections::BTreeMap;

use crate::{
    lambda::{Invocation, Role, Start},
    sandbox::names::{ACCOUNT, ENV, REGION, SERVICE, VERSION, function_arn, function_name},
};

/// The instrumentation of one function: which library in which runtime.
#[derive(Clone, Copy, Debug)]
pub(super) struct Library {
    /// `python`, `javascript`
    pub language: &'static str,
    /// Lambda's name of the runtime.
    pub runtime: &'static str,
    /// The version of `datadog-lambda` or `datadog-lambda-js`.
    pub version: &'static str,
    /// The version of its tracer, where it is known.
    pub tracer: Option<&'static str>,
    /// The name of the layer without the version.
    pub layer: &'static str,
}

impl Library {
    /// What the function of this role is instrumented with: the versions that the reference
    /// telemetry was measured with. Which dd-trace comes with the JavaScript library was not
    /// recorded.
    pub(super) fn of(role: Role) -> Library {
        match role {
            Role::Entry => Library {
                language: "python",
                runtime: "python3.13",
                version: "8.130.0",
                tracer: Some("4.16.0"),
                layer: "datadog-python313",
            },
            Role::Consumer => Library {
                language: "javascript",
                runtime: "nodejs22.x",
                version: "12.143.0",
                tracer: None,
                layer: "datadog-nodejs22.x",
            },
        }
    }
}

/// The tags that function, extension and AWS integration share.
pub(super) fn function(role: Role) -> Vec<String> {
    let name = function_name(role);
    vec![
        format!("region:{REGION}"),
        format!("account_id:{ACCOUNT}"),
        format!("aws_account:{ACCOUNT}"),
        format!("functionname:{name}"),
        format!("function_arn:{}", function_arn(role)),
        format!("runtime:{}", Library::of(role).runtime),
        "architecture:x86_64".to_owned(),
        format!("service:{SERVICE}"),
        format!("env:{ENV}"),
        format!("version:{VERSION}"),
    ]
}

/// The tags of an invocation's enhanced metrics: what the library gives (measured) and what
/// the extension adds (DataDog/datadog-lambda-extension, bottlecap/src/tags/lambda/tags.rs).
pub(super) fn enhanced(invocation: &Invocation) -> Vec<String> {
    let role = invocation.role;
    let library = Library::of(role);
    let mut tags = function(role);
    tags.extend([
        format!("resource:{}", function_name(role)),
        format!("memorysize:{}", invocation.memory.mb()),
        format!("cold_start:{}", invocation.tagged_cold()),
        format!("datadog_lambda:v{}", library.version),
        format!("dd_lambda_layer:{}_{}", library.layer, library.version),
        format!("init_type:{}", init_type(invocation)),
    ]);
    if invocation.tagged_proactive() {
        tags.push("proactive_initialization:true".to_owned());
    }
    tags
}

fn init_type(invocation: &Invocation) -> &'static str {
    match invocation.start {
        Start::Provisioned => "provisioned-concurrency",
        _ => "on-demand",
    }
}

/// A span's text tags from pairs.
pub(super) fn meta<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}
