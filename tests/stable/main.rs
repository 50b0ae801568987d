//! What STABILITY.md promises stays so: the keys of `run.json` and of a scenario with their types, the
//! names of the formats, the exit codes. `UPDATE=1 cargo test --test stable` adds keys that are new; none
//! is ever taken out or changed without a new version of its format.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The keys that a JSON Schema describes, by their paths, with the types that each may have:
/// `phases[].name` is the name of each phase, `status.*` any key of `status`.
struct Keys<'a> {
    schema: &'a Value,
    found: BTreeMap<String, String>,
    /// The definitions on the way here; one that has itself inside is followed once.
    way: Vec<&'a str>,
}

impl<'a> Keys<'a> {
    fn of(schema: &'a Value) -> BTreeMap<String, String> {
        let mut keys = Keys {
            schema,
            found: BTreeMap::new(),
            way: Vec::new(),
        };
        keys.read("", schema);
        keys.found
    }

    fn read(&mut self, path: &str, part: &'a Value) {
        if let Some(name) = part["$ref"].as_str() {
            if !self.way.contains(&name) {
                self.way.push(name);
                let target = self.schema.pointer(name.trim_start_matches('#'));
                self.read(path, target.expect(name));
                self.way.pop();
            }
            return;
        }
        for choices in ["anyOf", "oneOf", "allOf"] {
            for choice in part[choices].as_array().into_iter().flatten() {
                self.read(path, choice);
            }
        }
        self.types(path, part);
        for (name, inner) in part["properties"].as_object().into_iter().flatten() {
            let dot = if path.is_empty() { "" } else { "." };
            self.read(&format!("{path}{dot}{name}"), inner);
        }
        if part["items"].is_object() {
            self.read(&format!("{path}[]"), &part["items"]);
        }
        if part["additionalProperties"].is_object() {
            self.read(&format!("{path}.*"), &part["additionalProperties"]);
        }
    }

    fn types(&mut self, path: &str, part: &Value) {
        let types = match &part["type"] {
            Value::String(one) => vec![one.as_str()],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ if part["const"].is_string() || part["enum"].is_array() => vec!["string"],
            _ => Vec::new(),
        };
        if path.is_empty() || types.is_empty() {
            return;
        }
        let known = self.found.entry(path.to_owned()).or_default();
        for one in types {
            if !known.split(' ').any(|other| other == one) {
                *known = format!("{known} {one}").trim_start().to_owned();
            }
        }
    }
}

/// Holds `schema` to the list of keys that is promised.
fn keeps(name: &str, schema: &Value) {
    let file = root().join("tests/stable").join(name);
    let now = Keys::of(schema);
    assert!(now.len() > 50, "the schema was read: {}", now.len());
    let promised = fs::read_to_string(&file).unwrap_or_default();
    let mut broken = Vec::new();
    for line in promised.lines() {
        let (key, types) = line.split_once(": ").expect(line);
        let kept = now.get(key).is_some_and(|now| {
            types
                .split(' ')
                .all(|one| now.split(' ').any(|other| other == one))
        });
        if !kept {
            broken.push(format!("{line} (now {:?})", now.get(key)));
        }
    }
    assert!(broken.is_empty(), "{name} promises:\n{}", broken.join("\n"));
    if env::var_os("UPDATE").is_some() {
        let lines = now.iter().map(|(key, types)| format!("{key}: {types}\n"));
        fs::write(file, lines.collect::<String>()).expect("written");
    } else {
        assert!(!promised.is_empty(), "{name} is there");
    }
}

#[test]
fn run_json_keeps_its_keys_and_their_types() {
    keeps("run.txt", &loadgen::report::run_schema());
}

#[test]
fn a_scenario_keeps_its_keys_and_their_types() {
    keeps("scenario.txt", loadgen::scenario::json_schema());
}

#[test]
fn a_key_that_is_gone_or_of_another_type_is_found() {
    let schema = serde_json::json!({
        "$defs": {"Tree": {"type": "object", "properties": {"twigs": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}},
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "share": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "status": {"type": "object", "additionalProperties": {"type": "integer"}},
            "tree": {"$ref": "#/$defs/Tree"},
        },
    });
    let keys = Keys::of(&schema);
    let expected = [
        ("name", "string"),
        ("share", "number null"),
        ("status", "object"),
        ("status.*", "integer"),
        ("tree", "object"),
        ("tree.twigs", "array"),
    ];
    let expected = expected.map(|(key, types)| (key.to_owned(), types.to_owned()));
    assert_eq!(keys, BTreeMap::from(expected));
}

#[test]
fn the_page_names_each_format_and_exit_code_as_it_is() {
    let page = fs::read_to_string(root().join("STABILITY.md")).expect("the page");
    let formats = [
        loadgen::record::SCHEMA,
        "loadgen.run/1",
        loadgen::doctor::SCHEMA,
        loadgen::audit::Audit::SCHEMA,
    ];
    for format in formats {
        assert!(page.contains(&format!("`{format}`")), "{format}");
    }
    use loadgen::cli::Exit;
    for (exit, code) in [
        (Exit::Met, 0),
        (Exit::Missed, 1),
        (Exit::Unable, 2),
        (Exit::Interrupted, 130),
    ] {
        let is = std::process::ExitCode::from(exit);
        assert_eq!(
            format!("{is:?}"),
            format!("{:?}", std::process::ExitCode::from(code))
        );
        assert!(page.contains(&format!("| {code} |")), "{code}");
    }
}
