//! The JSON Schema of `run.json`, made from the types that write it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::record::Run;

/// The JSON Schema (draft 2020-12) of `run.json` and of `--json`, for programs that read them.
pub fn run_schema() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Run>()
        .to_value()
}
