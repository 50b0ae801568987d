//! Why a run is refused, in both languages.

use std::time::Duration;

use crate::lang::{Phrase, Reason, Statement, texts};

texts! {
    pub(super) const;
    OWN_FUNCTION_IN_SANDBOX: "--function names a function of your own, and the sandbox has only the sample app's: add --url with your function's address, or leave --function out",
        "--function은 직접 만든 함수의 이름이며 샌드박스에는 샘플 앱의 함수만 있습니다. 함수의 주소를 --url로 추가하거나 --function을 빼세요";
    NO_FUNCTION: "no function is named to be invoked: --invoke FUNCTION", "호출할 함수를 지정하지 않았습니다: --invoke FUNCTION";
    nothing_matches(pattern: &str, functions: usize): "no function matches `{}` among the {} of the region: write it like 'shop-*'",
        "리전의 함수 {1}개 중 `{0}`에 맞는 것이 없습니다. 'shop-*'처럼 쓰세요";
    too_many_functions(found: usize, most: usize): "{} functions are more than the {} that a run invokes: name fewer, or a narrower pattern",
        "함수 {}개는 한 번의 실행이 호출하는 최대 {}개를 넘습니다. 함수를 줄이거나 패턴을 좁히세요";
    not_in_sandbox(function: &str): "the sandbox has no function `{}`: see its /_sandbox/info", "샌드박스에 `{}` 함수가 없습니다. /_sandbox/info를 확인하세요";
    FLOWS_BESIDE_INVOKE: "the scenario's requests differ, and --invoke sends each function the same payload: leave --invoke out and give --url",
        "시나리오의 요청이 서로 다른데 --invoke는 모든 함수에 같은 페이로드를 보냅니다. --invoke를 빼고 --url을 쓰세요";
    FLOWS_SIGNED: "--sigv4 signs requests that are all the same, and the scenario's differ: leave it out",
        "--sigv4는 모두 같은 요청에 서명하는데 시나리오의 요청은 서로 다릅니다. 빼세요";
    FLOWS_INTERLEAVED: "`ab` sends one request again and again, and the scenario has flows: write one [request]",
        "`ab`는 요청 하나를 반복해서 보내는데 시나리오에 플로가 있습니다. [request] 하나만 쓰세요";
    NOBODY_TO_ASK: "there is no source to ask about the functions: set DD_API_KEY and DD_APP_KEY, or --datadog-url of a sandbox, or --region to read Lambda's logs by your `aws` command",
        "함수의 데이터를 조회할 곳이 없습니다. DD_API_KEY와 DD_APP_KEY를 설정하거나, 샌드박스의 --datadog-url을 쓰거나, `aws` 명령으로 Lambda 로그를 읽도록 --region을 쓰세요";
    command_not_started(program: &str, why: String): "`{}` cannot be started: {}", "`{:`을} 시작할 수 없습니다: {}";
    several_regions(regions: String): "the functions are of several regions ({}), and a run sends to one: make a run for each region, and leave --region out where an ARN names it",
        "함수들의 리전이 여러 개입니다({}). 한 번의 실행은 한 리전에만 보냅니다. 리전마다 따로 실행하고, ARN에 리전이 있으면 --region을 빼세요";
    lambda_silent(host: &str, why: String): "Lambda's API at {} cannot be reached: {}. Check the network, --region, and --endpoint if you use an emulator",
        "{}의 Lambda API에 연결할 수 없습니다: {}. 네트워크와 --region을, 에뮬레이터를 쓴다면 --endpoint도 확인하세요";
    payload_too_large(bytes: usize, most: usize): "the payload has {} bytes, and Lambda takes {} in a synchronous invocation: send less, or the address of what is meant",
        "페이로드가 {}바이트이며 Lambda의 동기 호출은 {}바이트까지 받습니다. 줄이거나 데이터의 위치를 보내세요";
    payload_no_json(why: Reason): "the payload is not JSON, which Lambda would refuse: {}", "페이로드가 JSON이 아니므로 Lambda가 거부합니다: {}";
    PATH_BESIDE_INVOKE: "the scenario's [request] has a path, and Lambda's Invoke API takes none: put what the function needs into --payload",
        "시나리오의 [request]에 path가 있지만 Lambda의 Invoke API에는 경로가 없습니다. 함수에 필요한 값은 --payload에 넣으세요";
    not_as_needed(function: &str): "`{}` is not as the scenario's [function] table needs it, and nothing was sent:",
        "`{}` 함수가 시나리오의 [function] 테이블과 달라 아무것도 보내지 않았습니다:";
    note(said: Phrase): "note: {}", "참고: {}";
    no_fault_key(function: &str): "`{}` has no LOADGEN_FAULT_KEY, so it honours no faults, as Datadog's original app: `loadgen aws break` makes it fail, and `loadgen aws restore` ends that",
        "`{}` 함수에 LOADGEN_FAULT_KEY가 없어 Datadog의 원래 앱처럼 결함 요청을 무시합니다. `loadgen aws break`로 실패하게 하고 `loadgen aws restore`로 되돌릴 수 있습니다";
    never_supported(condition: String, needed: u64, planned: u64): "--abort-on `{}`: this percentile needs {} responses and {} are planned, so it would never end the run: take a lower one, `max` or `mean`, or send more",
        "--abort-on `{}`: 이 백분위수에는 응답이 {}개 필요하지만 {}회만 계획되어 실행을 끝낼 수 없습니다. 더 낮은 백분위수나 `max`, `mean`을 쓰거나 더 많이 보내세요";
    never_changes(function: &str): "`{}` is a published version, which never changes, so its environments cannot be emptied: leave --force-cold out and idle, or invoke the function without version and alias",
        "`{:`은} 게시된 버전이라 변경할 수 없으므로 환경을 비울 수 없습니다. --force-cold를 빼고 유휴로 기다리거나 버전과 별칭 없이 호출하세요";
    SIGNING_IN_SANDBOX: "--sigv4 signs for an endpoint that IAM protects, and the sandbox checks no signature: leave it out",
        "--sigv4는 IAM이 보호하는 엔드포인트용 서명이며 샌드박스는 서명을 확인하지 않습니다. 빼세요";
    SIGNING_NEEDS_URL: "--sigv4 signs for an endpoint that IAM protects: add --url with its address",
        "--sigv4는 IAM이 보호하는 엔드포인트용 서명입니다. 엔드포인트의 주소를 --url로 추가하세요";
    NO_REGION: "nothing says for which AWS region to sign: add --region, or set AWS_REGION",
        "서명할 AWS 리전을 알 수 없습니다. --region을 추가하거나 AWS_REGION을 설정하세요";
    OLD_AWS: "signed requests need AWS credentials, and version 1 of `aws` does not hand them over: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install version 2",
        "서명하려면 AWS 자격 증명이 필요하며 `aws` 버전 1은 자격 증명을 내주지 않습니다. AWS_ACCESS_KEY_ID와 AWS_SECRET_ACCESS_KEY를 설정하거나 버전 2를 설치하세요";
    no_credentials(why: Reason): "signed requests need AWS credentials, from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or from `aws`: {}",
        "서명하려면 AWS_ACCESS_KEY_ID와 AWS_SECRET_ACCESS_KEY 또는 `aws`의 자격 증명이 필요합니다: {}";
    credentials_ended(at: String): "the AWS credentials that `aws` hands over ended at {}: log in again, for example with `aws sso login`",
        "`aws`가 준 AWS 자격 증명이 {}에 만료되었습니다. `aws sso login` 등으로 다시 로그인하세요";
    credentials_end(at: String): "Your AWS credentials in the environment end at {}, before the plan does: requests after that will be refused. Credentials of a profile are renewed.",
        "환경 변수의 AWS 자격 증명이 계획이 끝나기 전인 {}에 만료됩니다. 그 뒤의 요청은 거부됩니다. 프로필의 자격 증명은 갱신됩니다.";
    NAMED_BY_SANDBOX: "the run was against a sandbox, whose functions have their names: leave --function out",
        "샌드박스에서 실행했고 샌드박스의 함수는 이름이 정해져 있습니다. --function을 빼세요";
    unnamed_function(url: &str): "the function that answers at {} has no name, so its data cannot be queried: add --function NAME",
        "{}에서 응답하는 함수의 이름을 지정하지 않아 조회할 대상이 없습니다. --function NAME을 추가하세요";
    no_scenario(run: &str): "the run {} ran no scenario, so nothing was expected of it",
        "실행 {:은} 시나리오 없이 실행되어 예상한 것이 없습니다";
    unknown_sandbox(folder: String): "{} does not say where its sandbox was: name its address with --datadog-url",
        "{}에 샌드박스의 주소가 없습니다. --datadog-url로 지정하세요";
    folder_taken(folder: String): "{} holds a run already, and nothing is overwritten: name another folder",
        "{}에 이미 실행이 있으며 덮어쓰지 않습니다. 다른 폴더를 지정하세요";
    no_api_gateway(address: &str, endpoint: String): "`{}` is not API Gateway's, so {} cannot replace it: write it like https://ID.execute-api.REGION.amazonaws.com/STAGE, or leave --endpoint out",
        "`{:`은} API Gateway의 주소가 아니므로 {:이} 대신할 수 없습니다. https://ID.execute-api.REGION.amazonaws.com/STAGE 형식으로 쓰거나 --endpoint를 빼세요";
    unreachable(url: &str, why: Statement): "{} cannot be reached, so nothing was sent to either side: {}. Check the address, and that something listens there",
        "{}에 연결할 수 없어 어느 쪽에도 보내지 않았습니다: {}. 주소와 서버가 실행 중인지 확인하세요";
    sandbox_silent(address: &str, why: String): "the sandbox at {} does not answer: {}", "{}의 샌드박스가 응답하지 않습니다: {}";
    settings_refused(why: String): "the sandbox refuses the scenario's [function] table: {}", "샌드박스가 시나리오의 [function] 테이블을 거부했습니다: {}";
    sandbox_gone(address: &str): "the sandbox at {} went away", "{}의 샌드박스가 종료되었습니다";
    plain_http(url: &str, host: &str): "{} is plain http to another machine, where everyone on the way reads along: use https, or `--allow-http {}` if that network is yours",
        "{:은} 다른 컴퓨터로 가는 일반 http이며 경로의 누구나 읽을 수 있습니다. https를 쓰거나 직접 관리하는 네트워크라면 `--allow-http {:`을} 추가하세요";
    too_many_requests(total: u64, host: &str, most: u64, typed: String): "the plan sends {} requests to {}, more than {}: raise the limit with `--max-requests {}` if that is meant",
        "계획은 {1}에 요청 {0}회를 보내며 한도 {2}회를 넘습니다. 의도한 것이라면 `--max-requests {3:`으로} 한도를 높이세요";
    too_fast(peak: u64, host: &str, most: String, typed: String): "the plan sends up to {} requests a second to {}, more than {}: raise the limit with `--max-rate {}` if that is meant",
        "계획은 {1}에 초당 최대 {0}회를 보내며 한도 {2}회를 넘습니다. 의도한 것이라면 `--max-rate {3:`으로} 한도를 높이세요";
    few_descriptors(connections: u64, most: u64): "{} connections need as many file descriptors, and this process may open about {}: raise `ulimit -n`, or write a smaller --connections",
        "연결 {}개에는 그만큼의 파일 설명자가 필요하지만 이 프로세스는 약 {}개만 열 수 있습니다. `ulimit -n`을 높이거나 --connections를 줄이세요";
    SHARD_WITHOUT_START: "shards start together, and nothing says when: add a time that all of them are given, for example --start-at \"@$(($(date +%s) + 30))\"",
        "샤드는 함께 시작해야 하는데 시작 시각이 없습니다. 모든 샤드에 같은 시각을 지정하세요. 예: --start-at \"@$(($(date +%s) + 30))\"";
    start_has_passed(start: String, late: Duration, now: String): "the start at {} was {} ago, and nothing of the run is left to send: give a later --start-at, or set this machine's clock, which shows {}",
        "시작 시각 {}에서 이미 {} 지나 보낼 요청이 남아 있지 않습니다. --start-at을 늦추거나 이 컴퓨터의 시계(현재 {})를 맞추세요";
    more_parts_than_requests(parts: u64, in_flight: u64): "shards and threads make {} parts, and only {} requests may be in flight at once: use fewer of them, or raise --max-in-flight (of bench: --connections)",
        "샤드와 스레드로 나눈 부분은 {}개인데 동시 요청 수는 {}개입니다. 샤드나 스레드를 줄이거나 --max-in-flight(bench에서는 --connections)를 높이세요";
    starts_at(at: String, left: Duration): "Starts at {}, in {}", "시작 시각: {}({} 후)";
    DECLINED: "nothing was sent, as you wished", "요청하신 대로 아무것도 보내지 않았습니다";
    ENGINE_FAULT: "the engine stopped on a fault of its own; what was measured is in the run's folder",
        "엔진이 자체 오류로 멈췄습니다. 측정한 내용은 실행 폴더에 있습니다";
    unbounded(host: &str): "a closed loop sends as fast as {} answers, which has no upper bound: on another machine set a rate with `--rate 100/s`",
        "닫힌 루프는 {:이} 응답하는 대로 보내므로 속도에 상한이 없습니다. 다른 컴퓨터로 보낼 때는 `--rate 100/s`처럼 속도를 지정하세요";
    not_whole(folder: String, why: &str): "{} is not complete: {}", "{:이} 완전하지 않습니다: {}";
    bad_emulator(why: Reason): "`target.aws_endpoint` in the run's run.json is no address of an emulator: {}",
        "실행의 run.json에 있는 `target.aws_endpoint`가 에뮬레이터의 주소가 아닙니다: {}";
}
