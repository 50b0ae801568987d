//! How a deployed function is instrumented: runtime, layers, and Datadog's settings in its
//! environment. Of other variables only the names are asked for: their values may be secret.

use serde_json::{Value, json};

use super::{
    Aws, Error,
    call::Call,
    function::{ask, text},
};

/// The settings of a function that its telemetry depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instrumentation {
    /// `python3.13`; empty for a container image.
    pub runtime: String,
    /// Whether it is a container image, which has no layers of its own.
    pub is_image: bool,
    /// Whether it runs on Managed Instances.
    pub is_managed: bool,
    /// Its timeout in seconds.
    pub timeout_s: u64,
    /// Its memory in MB.
    pub memory_mb: u64,
    /// Its layers.
    pub layers: Vec<Layer>,
    /// The names of its environment variables.
    pub variables: Vec<String>,
    /// `DD_SITE`.
    pub site: Option<String>,
    /// `DD_SERVERLESS_FLUSH_STRATEGY`.
    pub flush_strategy: Option<String>,
    /// `DD_CAPTURE_LAMBDA_PAYLOAD`.
    pub capture_payload: Option<String>,
}

/// A layer of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name: `Datadog-Extension`.
    pub name: String,
    /// Its version.
    pub version: u64,
}

impl Instrumentation {
    /// Datadog's extension, for either processor.
    pub fn extension(&self) -> Option<&Layer> {
        let extension = |layer: &&Layer| layer.name.starts_with("Datadog-Extension");
        self.layers.iter().find(extension)
    }

    /// Datadog's library for the function's language.
    pub fn library(&self) -> Option<&Layer> {
        let library = |layer: &&Layer| {
            layer.name.starts_with("Datadog-") && !layer.name.starts_with("Datadog-Extension")
        };
        self.layers.iter().find(library)
    }
}

/// Asks how `function` is instrumented.
///
/// # Errors
/// If there is no such function, and those of any call.
pub async fn instrumentation(aws: &Aws, function: &str) -> Result<Instrumentation, Error> {
    let call = Call::new("lambda", "get-function-configuration")
        .with("--function-name", function)
        .only(
            "{Runtime: Runtime, PackageType: PackageType, Timeout: Timeout, MemorySize: MemorySize, \
             Managed: CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig.CapacityProviderArn, \
             Layers: Layers[].Arn, Variables: keys(not_null(Environment.Variables, `{}`)), \
             Site: Environment.Variables.DD_SITE, \
             Flush: Environment.Variables.DD_SERVERLESS_FLUSH_STRATEGY, \
             Capture: Environment.Variables.DD_CAPTURE_LAMBDA_PAYLOAD}",
        );
    let example =
        json!({ "Runtime": "python3.13", "PackageType": "Zip", "Timeout": 3, "MemorySize": 512 });
    let found = ask(aws, function, call, example).await?;
    let texts = |key: &str| -> Vec<String> {
        let list = found.get(key).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let set = |key: &str| Some(text(&found, key)).filter(|value| !value.is_empty());
    let number = |key: &str| found.get(key).and_then(Value::as_u64).unwrap_or_default();
    Ok(Instrumentation {
        runtime: text(&found, "Runtime"),
        is_image: text(&found, "PackageType") == "Image",
        is_managed: !text(&found, "Managed").is_empty(),
        timeout_s: number("Timeout"),
        memory_mb: number("MemorySize"),
        layers: texts("Layers")
            .iter()
            .filter_map(|arn| layer(arn))
            .collect(),
        variables: texts("Variables"),
        site: set("Site"),
        flush_strategy: set("Flush"),
        capture_payload: set("Capture"),
    })
}

/// The layer of `arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION`.
fn layer(arn: &str) -> Option<Layer> {
    let (rest, version) = arn.rsplit_once(':')?;
    let (_, name) = rest.rsplit_once(':')?;
    Some(Layer {
        name: name.to_owned(),
        version: version.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layers_name_and_version_are_read_from_its_arn() {
        let arn = "arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension-ARM:99";
        let found = layer(arn).expect("a layer");
        assert_eq!(
            (found.name.as_str(), found.version),
            ("Datadog-Extension-ARM", 99)
        );
        for odd in ["", "Datadog-Extension", "arn:layer:x:latest"] {
            assert_eq!(layer(odd), None, "{odd}");
        }
        let function = Instrumentation {
            layers: vec![found],
            ..Instrumentation::default()
        };
        assert!(function.extension().is_some() && function.library().is_none());
    }
}
