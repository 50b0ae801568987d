//! What is said of templates.

use std::time::Duration;

use crate::lang::{Reason, texts};

texts! {
    pub(super) const;
    no_yaml(why: String): "this is neither YAML nor JSON: {}", "YAML도 JSON도 아닙니다: {}";
    NO_RESOURCES: "this is no template of SAM or CloudFormation: it has no `Resources` with a resource in it", "SAM이나 CloudFormation 템플릿이 아닙니다. 리소스가 있는 `Resources`가 없습니다";
    SECOND_DOCUMENT: "a second document begins here: a template has only one", "여기서 두 번째 문서가 시작됩니다. 템플릿은 문서 하나입니다";
    CIRCULAR_ALIAS: "this alias stands inside its own anchor: it has no end", "이 별칭은 자신의 앵커 안에 있어 끝이 없습니다";
    KEY_NO_TEXT: "a key must be a text", "키는 텍스트여야 합니다";
    MERGE_KEY: "CloudFormation knows no merge key `<<`: repeat the keys", "CloudFormation에는 병합 키 `<<`가 없습니다. 키를 다시 쓰세요";
    NO_TEXT: "a text or a number is expected here", "여기에는 텍스트나 숫자가 있어야 합니다";
    NO_CONDITION: "a condition is expected here: Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition", "여기에는 조건이 있어야 합니다: Fn::Equals, Fn::Not, Fn::And, Fn::Or, Condition";
    too_large(nodes: usize, depth: usize): "the template is too large with its aliases: at most {} values, {} deep", "별칭을 포함한 템플릿이 너무 큽니다. 값 {}개, 깊이 {}까지입니다";
    unknown_intrinsic(name: &str): "`{}` is no function of CloudFormation", "`{:`은} CloudFormation 함수가 아닙니다";
    arguments(name: &str): "`{}` has arguments that CloudFormation does not accept", "`{}` 함수에 CloudFormation이 허용하지 않는 인수가 있습니다";
    twice_there(name: &str): "`{}` is defined twice", "`{:`을} 두 번 정의했습니다";
    no_type(id: &str): "the resource `{}` has no Type", "`{}` 리소스에 Type이 없습니다";
    no_such_resource(name: &str): "`{}` is neither a parameter nor a resource of this template", "`{:`은} 이 템플릿의 파라미터도 리소스도 아닙니다";
    no_such_condition(name: &str): "`{}` is no condition of this template", "`{:`은} 이 템플릿의 조건이 아닙니다";
    circle(circle: &str, what: &str): "a circular reference: {} -> {}", "순환 참조입니다: {} -> {}";
    no_default(name: &str): "the parameter `{}` has no Default, so its value is unknown here", "`{}` 파라미터에 Default가 없어 여기서는 값을 알 수 없습니다";
    unknown_value(what: &str): "the value of `{}` is known only on AWS", "`{}` 값은 AWS에서만 알 수 있습니다";
    not_worked_out(name: &str): "`{}` is not worked out here", "여기서는 `{:`을} 계산하지 않습니다";
    not_served(kind: &str, id: &str): "{} `{}` is not served here", "여기서는 {} `{:`을} 제공하지 않습니다";
    no_property(name: &str): "`{}` has no effect here", "여기서는 `{:`이} 적용되지 않습니다";
    event_left_out(kind: &str): "events of the type {} are not sent here", "여기서는 {} 유형의 이벤트가 발생하지 않습니다";
    layer_left_out(layer: &str): "the layer `{}` is not available here: only layers of this template whose content is a folder are", "여기서는 `{}` 레이어를 쓸 수 없습니다. 콘텐츠가 폴더인 이 템플릿의 레이어만 쓸 수 있습니다";
    no_layer_folder(folder: &str, why: String): "the folder `{}` of this layer cannot be read: {}", "이 레이어의 `{}` 폴더를 읽을 수 없습니다: {}";
    function_left_out(name: &str, why: Reason): "the function `{}` is not run: {}", "`{}` 함수를 실행하지 않습니다: {}";
    IMAGE: "it is a container image", "컨테이너 이미지입니다";
    FROM_S3: "its code is in S3, not in a folder", "코드가 폴더가 아니라 S3에 있습니다";
    runtime(name: &str): "its runtime is {}; Python, Node.js and a `bootstrap` program (provided.*) run here", "런타임이 {}입니다. Python, Node.js, `bootstrap` 프로그램(provided.*)만 실행합니다";
    no_function_name(name: &str): "`{}` is no name of a function: up to 64 letters, digits, hyphens and underscores", "`{:`은} 함수 이름이 아닙니다. 영문자, 숫자, 하이픈, 밑줄 최대 64자로 쓰세요";
    no_property_there(name: &str, property: &str): "the function `{}` has no {}", "`{}` 함수에 {:이} 없습니다";
    bad_function(name: &str, why: Reason): "the function `{}`: {}", "`{}` 함수: {}";
    no_number(property: &str, found: &str, range: &str): "{} is `{}`; it must be {}", "{} 값이 `{}`입니다. {}여야 합니다";
    route_taken(route: &str): "the route {} already leads to another function", "{} 경로는 이미 다른 함수로 연결됩니다";
    no_queue(property: &str, name: &str): "{} names `{}`, which is not a queue of this template, or feeds another function", "{0}의 `{1:`은} 다른 함수에 연결되지 않은 이 템플릿의 대기열이 아닙니다";
    outlives(queue: &str, hidden: Duration, timeout: Duration): "the visibility timeout of the queue `{}` is {}, less than the function's timeout of {}, which AWS refuses: raise VisibilityTimeout (AWS advises six times the function's timeout)",
        "`{}` 대기열의 가시성 제한 시간 {:이} 함수의 제한 시간 {}보다 짧아 AWS가 거부합니다. VisibilityTimeout을 늘리세요(AWS 권장: 함수 제한 시간의 6배)";
    NO_FUNCTIONS: "this template has no function", "이 템플릿에 함수가 없습니다";
}
