//! Which requests lead to which function: SAM's events, REST and HTTP APIs, function URLs.

use super::{error::TemplateIssue, node::Node, values::TemplateValues, words};
use crate::lambda::{ApiRoute, DEFAULT_ROUTE, PayloadFormat};

/// A route, the logical id of the function that it leads to, and the line that says so.
type TemplateRoute = (String, ApiRoute, usize);

/// All routes of a template.
pub(super) fn routes<'a>(
    values: &TemplateValues<'a>,
    resources: &[(&'a str, &'a str, &'a Node)],
    globals: Option<&'a Node>,
    left_out: &mut Vec<TemplateIssue>,
) -> Result<Vec<TemplateRoute>, TemplateIssue> {
    let mut routes = Vec::new();
    for &(id, kind, node) in resources {
        let Some(properties) = node.get("Properties") else {
            continue;
        };
        let text = |name: &str| match properties.get(name) {
            Some(node) => values.text(node).map(Option::unwrap_or_default),
            None => Ok(String::new()),
        };
        let leads_to = |name: &str| properties.get(name).map(TemplateValues::mentioned);
        match kind {
            "AWS::Serverless::Function" => {
                let url = properties.get("FunctionUrlConfig");
                let url = url.or_else(|| globals?.get("FunctionUrlConfig"));
                if let Some(url) = url {
                    routes.push(function_url(values, id, url.line)?);
                }
                let events = properties.get("Events").map(Node::fields);
                for (_, event) in events.unwrap_or_default() {
                    routes.extend(of_event(values, id, event, left_out)?);
                }
            }
            "AWS::Lambda::Url" => {
                for function in leads_to("TargetFunctionArn").unwrap_or_default() {
                    routes.push(function_url(values, &function, node.line)?);
                }
            }
            "AWS::ApiGateway::Method" => {
                let path = path_of(values, properties.get("ResourceId"), 0)?;
                let route = route(&text("HttpMethod")?, &path, PayloadFormat::Rest);
                let uri = properties.get("Integration").and_then(|all| all.get("Uri"));
                let functions = uri.map(TemplateValues::mentioned).unwrap_or_default();
                routes.extend(
                    functions
                        .into_iter()
                        .map(|id| (id, route.clone(), node.line)),
                );
            }
            "AWS::ApiGatewayV2::Route" => {
                let key = text("RouteKey")?;
                let (method, path) = key.split_once(' ').unwrap_or(("ANY", DEFAULT_ROUTE));
                for integration in leads_to("Target").unwrap_or_default() {
                    let (_, found) = values.resource(&integration, node.line)?;
                    let found = found.get("Properties");
                    let payload = payload(found, PayloadFormat::HttpV1);
                    let uri = found.and_then(|all| all.get("IntegrationUri"));
                    let functions = uri.map(TemplateValues::mentioned).unwrap_or_default();
                    let route = route(method, path, payload);
                    routes.extend(
                        functions
                            .into_iter()
                            .map(|id| (id, route.clone(), node.line)),
                    );
                }
            }
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" | "AWS::ApiGatewayV2::Api" => {
                for described in ["DefinitionBody", "DefinitionUri", "Body"] {
                    if let Some(node) = properties.get(described) {
                        let why = words::no_property(described);
                        left_out.push(TemplateIssue::left_out(node.line, why));
                    }
                }
                for function in leads_to("Target").unwrap_or_default() {
                    let route = route("ANY", DEFAULT_ROUTE, PayloadFormat::Http);
                    routes.push((function, route, node.line));
                }
            }
            _ => {}
        }
    }
    Ok(routes)
}

fn route(method: &str, path: &str, payload: PayloadFormat) -> ApiRoute {
    let method = method.to_ascii_uppercase();
    ApiRoute {
        method: Some(method).filter(|method| {
            !matches!(
                method.as_str(),
                "ANY" | "*" | "X-AMAZON-APIGATEWAY-ANY-METHOD"
            )
        }),
        path: path.to_owned(),
        prefix: String::new(),
        payload,
    }
}

/// A function's own host stands below its name.
fn function_url(
    values: &TemplateValues<'_>,
    id: &str,
    line: usize,
) -> Result<TemplateRoute, TemplateIssue> {
    let route = ApiRoute {
        prefix: format!("/{}", values.name_of(id, line)?),
        ..route("ANY", DEFAULT_ROUTE, PayloadFormat::Http)
    };
    Ok((id.to_owned(), route, line))
}

fn payload(node: Option<&Node>, else_: PayloadFormat) -> PayloadFormat {
    let version = node.and_then(|all| all.get("PayloadFormatVersion"));
    match version.and_then(Node::scalar) {
        _ if else_ == PayloadFormat::Rest => else_,
        Some("1.0") => PayloadFormat::HttpV1,
        Some("2.0") => PayloadFormat::Http,
        _ => else_,
    }
}

/// The route of one of SAM's events, if it is one.
fn of_event<'a>(
    values: &TemplateValues<'a>,
    id: &str,
    event: &'a Node,
    left_out: &mut Vec<TemplateIssue>,
) -> Result<Option<TemplateRoute>, TemplateIssue> {
    let kind = event.get("Type").and_then(Node::scalar).unwrap_or_default();
    let properties = event.get("Properties");
    let text = |name: &str| match properties.and_then(|all| all.get(name)) {
        Some(node) => values.text(node),
        None => Ok(None),
    };
    let default = match kind {
        "HttpApi" => PayloadFormat::Http,
        "Api" => PayloadFormat::Rest,
        "SQS" | "SNS" => return Ok(None),
        _ => {
            left_out.push(TemplateIssue::left_out(
                event.line,
                words::event_left_out(kind),
            ));
            return Ok(None);
        }
    };
    let path = text("Path")?.unwrap_or_else(|| DEFAULT_ROUTE.to_owned());
    let method = text("Method")?.unwrap_or_else(|| "ANY".to_owned());
    let route = route(&method, &path, payload(properties, default));
    Ok(Some((id.to_owned(), route, event.line)))
}

/// The path of a REST API's resource.
fn path_of<'a>(
    values: &TemplateValues<'a>,
    resource: Option<&'a Node>,
    depth: usize,
) -> Result<String, TemplateIssue> {
    let Some(resource) = resource else {
        return Ok("/".to_owned());
    };
    let id = TemplateValues::mentioned(resource)
        .into_iter()
        .next()
        .unwrap_or_default();
    let (kind, found) = values.resource(&id, resource.line)?;
    let properties = found.get("Properties");
    if kind != "AWS::ApiGateway::Resource" {
        return Ok("/".to_owned());
    }
    if depth > 20 {
        return Err(TemplateIssue::at(found.line, words::circle(&id, &id)));
    }
    let parent = path_of(
        values,
        properties.and_then(|all| all.get("ParentId")),
        depth + 1,
    )?;
    let part = properties.and_then(|all| all.get("PathPart"));
    let part = part.map(|part| values.text(part)).transpose()?.flatten();
    Ok(format!(
        "{}/{}",
        parent.trim_end_matches('/'),
        part.unwrap_or_default()
    ))
}
