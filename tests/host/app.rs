//! The functions of a template: routes, variables, layers, and a flow over two of them.

use serde_json::{Value, json};

use crate::{place::Place, support::command::Finished};

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: python3.13, Environment: { Variables: { TABLE: !Ref Table } } } }
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: orders
      Handler: app.handler
      MemorySize: 256
      Layers: [!Ref Tools]
      Events:
        Get: { Type: HttpApi, Properties: { Path: '/orders/{id}', Method: GET } }
        Put: { Type: Api, Properties: { Path: '/orders', Method: PUT } }
        Nightly: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
  Web:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {'path': event['rawPath'], 'query': event['queryStringParameters']}
      Handler: index.handler
      FunctionUrlConfig: { AuthType: NONE }
  Table: { Type: 'AWS::DynamoDB::Table' }
  Tools: { Type: 'AWS::Serverless::LayerVersion', Properties: { ContentUri: layer } }
";

const ORDERS: &str = "\
import json, os, tools

def handler(event, context):
    told = {'parameters': event.get('pathParameters'), 'version': event.get('version'), 'tools': tools.NAME,
            'resource': event.get('resource'), 'table': os.environ['TABLE'], 'mb': context.memory_limit_in_mb}
    return {'statusCode': 201, 'body': json.dumps(told), 'cookies': ['a=1']}
";

fn place() -> Place {
    Place::with(&[
        ("template.yaml", TEMPLATE),
        ("orders/app.py", ORDERS),
        ("layer/python/tools.py", "NAME = 'saw'"),
    ])
}

#[test]
fn the_functions_of_a_template_answer_on_their_routes_in_the_form_of_their_api() {
    let place = place();
    let sandbox = place.sandbox_of(&["--app", "."]);
    let got = sandbox.get("/../orders/7");
    assert_eq!(got.status, 201, "{got:?}");
    assert_eq!(got.headers["set-cookie"], "a=1");
    let expected = json!({
        "parameters": { "id": "7" }, "version": "2.0", "tools": "saw", "resource": null,
        "table": "Table", "mb": "256",
    });
    assert_eq!(got.body, expected);
    let put = sandbox.at("PUT", "/../orders");
    assert_eq!(put.body["resource"], "/orders", "{put:?}");
    // The REST API has this path, and the HTTP API the other.
    assert_eq!(sandbox.at("DELETE", "/../orders").status, 403);
    let other = sandbox.at("DELETE", "/../orders/7");
    let body = json!({ "message": "Not Found" });
    assert_eq!((other.status, other.body), (404, body));
    let web = sandbox.get("/deep/er?x=1&x=2");
    assert_eq!(web.status, 200);
    assert_eq!(
        web.body,
        json!({ "path": "/deep/er", "query": { "x": "1,2" } })
    );
    sandbox.stop();
    place.is_clean();
}

#[test]
fn a_flow_goes_over_the_functions_of_a_template_and_what_is_left_out_is_listed() {
    let place = place();
    let scenario = "\
name = 'shop'
[[request]]
name = 'order'
path = '/orders/7'
function = 'Orders'
expect = { status = [201] }
[[request]]
name = 'web'
path = '/Web/x?y=1'
function = 'Web'
[[flow]]
name = 'both'
steps = ['order', 'web']
[[phase]]
name = 'burst'
burst = 2
";
    std::fs::write(place.path("shop.toml"), scenario).expect("a file");
    let mut command = place.loadgen(&["run", "shop.toml", "--app", "template.yaml", "--json"]);
    let ended = Finished::of(&mut command);
    let run: Value = ended.json();
    assert_eq!(run["verdict"], "met", "{run}");
    assert_eq!(run["cold"]["unknown"], 0, "{}", run["cold"]);
    for line in [
        "line 14: events of the type Schedule",
        "line 23: AWS::DynamoDB::Table `Table`",
    ] {
        assert!(ended.err.contains(line), "{}", ended.err);
    }
    place.is_clean();
}

#[test]
fn a_template_whose_function_has_no_folder_starts_nothing() {
    let layer = ("layer/python/tools.py", "");
    let place = Place::with(&[("template.yaml", TEMPLATE), layer]);
    let ended = Finished::of(&mut place.loadgen(&["cold-start", "--app", "."]));
    assert_eq!(ended.code, Some(2));
    let said = "template.yaml, line 5: the function `Orders`: the folder";
    assert!(ended.err.contains(said), "{}", ended.err);
    place.is_clean();
}
