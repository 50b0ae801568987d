//! The reader's own SAM and CloudFormation templates, so far as their functions can be run here.
//!
//! Read are functions with their code in a folder or in the template itself, their variables, layers
//! that are folders, `Globals`, and the routes of HTTP APIs, REST APIs and function URLs; values by
//! `Ref`, `Fn::Sub`, `Fn::GetAtt`, `Fn::Join` and `Fn::If` among the template's own. What else is there is
//! left out and listed with its line ([`TemplateApp::left_out`]); what contradicts itself is an error.

mod api;
mod error;
mod function;
mod node;
mod queues;
mod values;
mod words;

use std::{collections::BTreeMap, path::Path};

pub use error::TemplateIssue;

use crate::{
    host::{AppTopic, HostedFunction},
    lambda::{ApiRoute, SourceQueue},
};
use function::{FunctionReader, TemplateFunction};
use queues::TemplateQueues;
use values::TemplateValues;

/// The sample app's template, as it is deployed.
pub const SAMPLE: &str = include_str!("../../book/sample-app/template.yaml");

/// What of a template runs here.
#[derive(Debug, Default)]
pub struct TemplateApp {
    /// The functions that run; the first is the one that a plain GET suits best.
    pub functions: Vec<HostedFunction>,
    /// Its queues.
    pub queues: Vec<SourceQueue>,
    /// Its topics.
    pub topics: Vec<AppTopic>,
    /// What is not done here, in the order of its lines.
    pub left_out: Vec<TemplateIssue>,
}

/// Reads the text of a template. `folder` is what its paths start from; `given` are values of its
/// parameters. Runs the interpreters of its functions, to see that they are there.
///
/// # Errors
/// What is no template, or contradicts itself, or a function's folder that is not there.
pub fn read(
    text: &str,
    folder: &Path,
    given: &BTreeMap<String, String>,
) -> Result<TemplateApp, TemplateIssue> {
    let root = node::read(text)?;
    let values = TemplateValues::new(&root, given);
    let resources = values.resources()?;
    let globals = root.get("Globals").and_then(|all| all.get("Function"));
    let mut functions: Vec<TemplateFunction> = Vec::new();
    let mut left_out = Vec::new();
    for (id, kind, node) in &resources {
        if matches!(*kind, "AWS::Serverless::Function" | "AWS::Lambda::Function") {
            let reader = FunctionReader {
                values: &values,
                globals,
                node,
                folder,
                left_out: &mut left_out,
            };
            if let Some(hosted) = reader.read(id)? {
                functions.push(TemplateFunction {
                    id: (*id).to_owned(),
                    hosted,
                });
            }
        } else if !WITHOUT_EFFECT.contains(kind) {
            left_out.push(TemplateIssue::left_out(
                node.line,
                words::not_served(kind, id),
            ));
        }
    }
    for (function, route, line) in api::routes(&values, &resources, globals, &mut left_out)? {
        let taken = |other: &ApiRoute| {
            (&other.method, &other.path, &other.prefix)
                == (&route.method, &route.path, &route.prefix)
        };
        let is_taken = functions
            .iter()
            .any(|one| one.hosted.routes.iter().any(taken));
        match functions.iter_mut().find(|one| one.id == function) {
            Some(_) if is_taken => {
                left_out.push(TemplateIssue::left_out(
                    line,
                    words::route_taken(&route.key()),
                ));
            }
            Some(one) => one.hosted.routes.push(route),
            // It is left out, or not here by its condition.
            None => {}
        }
    }
    if functions.is_empty() {
        let why = left_out.into_iter().find(|one| one.is_of_function);
        return Err(why.unwrap_or_else(|| TemplateIssue::at(root.line, words::NO_FUNCTIONS)));
    }
    functions.sort_by_key(|function| {
        let routes = function.hosted.routes.iter().map(ApiRoute::unlike_a_get);
        let best = routes.min();
        (best.is_none(), best)
    });
    let TemplateQueues { queues, topics } =
        queues::read(&values, &resources, &mut functions, &mut left_out)?;
    let functions = functions.into_iter().map(|one| one.hosted).collect();
    left_out.sort_by_key(|one| one.line);
    // What stands in `Globals` is found with each function.
    left_out.dedup();
    Ok(TemplateApp {
        functions,
        queues,
        topics,
        left_out,
    })
}

/// Resources that have no effect here, or that others refer to.
const WITHOUT_EFFECT: [&str; 28] = [
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Deployment",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::LayerVersion",
    "AWS::CloudWatch::Alarm",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let code = folder.path().join("code");
        std::fs::create_dir(&code).expect("a folder");
        let program = code.join("bootstrap");
        std::fs::write(program, "#!/bin/sh\n").expect("a file");
        folder
    }

    fn read_here(text: &str) -> Result<TemplateApp, String> {
        let folder = folder();
        let app = read(text, folder.path(), &BTreeMap::new());
        app.map_err(|error| error.said("t").en)
    }

    /// A function that needs no interpreter, with these properties too.
    fn function(name: &str, properties: &str) -> String {
        let fixed = "Runtime: provided.al2023, Handler: x, CodeUri: code";
        format!(
            "  {name}: {{ Type: AWS::Serverless::Function, Properties: {{ {fixed}, {properties} }} }}\n"
        )
    }

    #[test]
    fn values_come_from_parameters_conditions_globals_and_the_templates_own_resources() {
        let text = "\
Parameters: { Stage: { Type: String, Default: dev } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsNot: !Not [Condition: IsProd]
Globals: { Function: { Timeout: 7, Environment: { Variables: { STAGE: !Ref Stage, A: global } } } }
Resources:
  Gone: { Type: AWS::Lambda::Function, Condition: IsProd }
  Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: !Join ['-', [!Ref Stage, jobs]] } }
"
        .to_owned()
            + &function(
                "One",
                "FunctionName: !Sub '${Stage}-one', MemorySize: !If [IsNot, 512, 128], Environment: { Variables: {
                   A: own, QUEUE: !GetAtt Jobs.QueueName, ARN: !Sub ['${Q}/${!x}', { Q: !GetAtt Jobs.Arn }],
                   LATER: !ImportValue elsewhere, NONE: !Ref AWS::NoValue } }",
            );
        let app = read_here(&text).expect("a template");
        let one = &app.functions[0];
        assert_eq!(one.name, "dev-one");
        assert_eq!(one.settings.memory.map(|memory| memory.mb()), Some(512));
        assert_eq!(
            one.settings.timeout,
            Some(std::time::Duration::from_secs(7))
        );
        let variables: Vec<_> = one
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let arn = "ARN=arn:aws:sqs:ap-northeast-2:123456789012:dev-jobs/${x}";
        assert_eq!(variables, ["A=own", arn, "QUEUE=dev-jobs", "STAGE=dev"]);
        let lines: Vec<usize> = app.left_out.iter().map(|one| one.line).collect();
        assert!(lines.contains(&11), "{:?}", app.left_out);
    }

    #[test]
    fn routes_of_both_kinds_of_api_and_of_function_urls_lead_to_their_functions() {
        let text = "Resources:\n".to_owned()
            + &function("Sam", "FunctionUrlConfig: { AuthType: NONE }, Events: {
                 A: { Type: HttpApi, Properties: { Path: /a, Method: get } },
                 B: { Type: Api, Properties: { Path: '/b/{id}', Method: ANY } },
                 C: { Type: Schedule } }")
            + &function("Raw", "Description: x")
            + "  Rest: { Type: 'AWS::ApiGateway::RestApi' }
  Up: { Type: 'AWS::ApiGateway::Resource', Properties: { ParentId: !GetAtt Rest.RootResourceId, PathPart: up } }
  Down: { Type: 'AWS::ApiGateway::Resource', Properties: { ParentId: !Ref Up, PathPart: '{proxy+}' } }
  Method: { Type: 'AWS::ApiGateway::Method', Properties: { ResourceId: !Ref Down, HttpMethod: POST,
            Integration: { Uri: !Sub 'arn:${AWS::Region}/${Raw.Arn}/invocations' } } }
  Same: { Type: 'AWS::ApiGatewayV2::Route', Properties: { RouteKey: GET /a, Target: !Sub 'integrations/${To}' } }
  To: { Type: 'AWS::ApiGatewayV2::Integration', Properties: { IntegrationUri: !GetAtt Raw.Arn } }
";
        let app = read_here(&text).expect("a template");
        let routes = |place: usize| {
            let routes = app.functions[place].routes.iter();
            routes
                .map(|route| format!("{}{}", route.prefix, route.key()))
                .collect::<Vec<_>>()
        };
        assert_eq!(routes(0), ["/Sam$default", "GET /a", "ANY /b/{id}"]);
        assert_eq!(routes(1), ["POST /up/{proxy+}"]);
        assert_eq!(
            app.left_out.len(),
            2,
            "the event and the route that is taken: {:?}",
            app.left_out
        );
    }

    #[test]
    fn a_template_that_is_wrong_says_on_which_line_and_why() {
        let deep = "[".repeat(150) + &"]".repeat(150);
        let bomb: String = ('b'..'k')
            .map(|name| {
                format!(
                    "{name}: &{name} [{}]\n",
                    format!("*{},", char::from(name as u8 - 1)).repeat(9)
                )
            })
            .collect();
        let of = |text: &str| format!("Resources:\n{text}");
        let cases = [
            (String::new(), 1, "no template"),
            ("hello: world".to_owned(), 1, "no template"),
            ("\u{0}".to_owned(), 1, "neither YAML nor JSON"),
            ("{\"Resources\":\n{\"A\": }}".to_owned(), 2, "has no Type"),
            ("a: [b".to_owned(), 1, "neither YAML nor JSON"),
            (format!("a: &a [1]\n{bomb}"), 7, "too large"),
            (deep, 1, "too large"),
            ("a: &a [*a]".to_owned(), 1, "no end"),
            ("a: &a {}\nb:\n  <<: *a".to_owned(), 3, "merge key"),
            ("a: 1\n---\nb: 2".to_owned(), 3, "second document"),
            ("a: 1\na: 2".to_owned(), 2, "twice"),
            (of("  A: { Type: !Reff x }"), 2, "`!Reff` is no function"),
            (
                of("  A: { Type: x, Fn::Nope: y }"),
                2,
                "`Fn::Nope` is no function",
            ),
            (of("  A: { Properties: {} }"), 2, "has no Type"),
            (
                of("  A: { Type: x, Condition: No }"),
                2,
                "no condition of this template",
            ),
            (
                of(&function("A", "FunctionName: !Ref Nobody")),
                2,
                "neither a parameter nor a resource",
            ),
            (
                of(&function("A", "FunctionName: !Sub '${A}x'")),
                2,
                "a circular reference: A.FunctionName -> A.FunctionName",
            ),
            (of(&function("A", "MemorySize: 64")), 2, "128 to 10240"),
            (of(&function("A", "Timeout: soon")), 2, "1 to 900"),
            (
                of(&function("A", "FunctionName: a b")),
                2,
                "no name of a function",
            ),
            (
                of(&function("A", "Layers: [!Ref L]"))
                    + "  L: { Type: 'AWS::Serverless::LayerVersion',\n Properties: { ContentUri: no } }",
                2,
                "the folder `no`",
            ),
            (
                of(&function("A", "x: y").replace("code", "nowhere")),
                2,
                "nowhere",
            ),
            (
                of(&function("A", "x: y").replace("provided.al2023", "java21")),
                2,
                "its runtime is java21",
            ),
            (
                of(&function("A", "PackageType: Image")),
                2,
                "a container image",
            ),
            (
                "Conditions: { A: !Not [Condition: B], B: !Not [Condition: A] }\n".to_owned()
                    + &of("  X: { Type: x, Condition: A }"),
                1,
                "a circular reference: A -> B -> A",
            ),
        ];
        for (text, line, why) in cases {
            let said = read_here(&text)
                .map(|app| app.functions.len())
                .expect_err(&text);
            assert!(
                said.starts_with(&format!("t, line {line}: ")) && said.contains(why),
                "{text}\n{said}"
            );
        }
    }
}
