//! What this room says, in both languages.

use crate::lang::{Phrase, Reason, Text, Value, texts};

texts! {
    pub(super) const;

    // The `aws` command
    ABSENT: "no `aws` command was found. Install the AWS command line interface, version 2 (https://aws.amazon.com/cli/), or version 1 with `pip install awscli`, then run `aws configure`. Without it, upload book/sample-app/template.yaml in the CloudFormation console.",
        "`aws` 명령을 찾지 못했습니다. AWS 명령줄 인터페이스 버전 2(https://aws.amazon.com/cli/)나, `pip install awscli`로 버전 1을 설치한 뒤 `aws configure`를 실행하세요. 설치하지 않으려면 CloudFormation 콘솔에서 book/sample-app/template.yaml을 업로드하세요.";
    not_aws(found: &str): "`aws --version` answered \"{}\", which is not the AWS command line interface. Put the real one first on your PATH.",
        "`aws --version`의 응답이 \"{}\"입니다. AWS 명령줄 인터페이스가 아닙니다. 진짜 `aws`가 PATH에서 먼저 오게 하세요.";
    too_old(found: &str): "`aws` is version {}; loadgen needs 1.17 or later, which tells when a function's update has ended. Update it: https://aws.amazon.com/cli/",
        "`aws`의 버전이 {}입니다. 함수 업데이트가 끝났는지 알려 주는 1.17 이상이 필요합니다. 업데이트하세요: https://aws.amazon.com/cli/";
    unknown_call(call: &str, message: &str): "this `aws` does not know `{}`: {}. It is probably too old; update it: https://aws.amazon.com/cli/",
        "설치된 `aws`에 `{}` 호출이 없습니다: {}. 오래된 버전일 수 있으니 업데이트하세요: https://aws.amazon.com/cli/";
    garbage(call: &str, problem: &Reason): "`{}` gave an answer that cannot be read ({}). Is `aws` the real one, or does a wrapper print something of its own? Try the call shown above by hand.",
        "`{}`의 응답을 읽을 수 없습니다({}). `aws`가 진짜인지, 다른 내용을 출력하는 래퍼가 있는지 확인하고 위의 호출을 직접 실행해 보세요.";
    not_json(bytes: usize, why: &str): "{} bytes that are not JSON: {}", "JSON이 아닌 {}바이트: {}";
    lacks(what: &str): "the answer lacks {}", "응답에 없는 값: {}";
    unexpected(what: &str): "unexpected {}", "예상하지 못한 값: {}";
    refused(call: &str, message: &str): "`{}` failed: {}", "`{}` 실패: {}";
    SAID_NOTHING: "it said nothing", "아무 출력이 없음";
    INTERRUPTED: "interrupted", "중단되었습니다";
    took_too_long(what: Phrase, seconds: u64, next: Text): "{} had not ended after {} s. {}",
        "{:이} {}초 안에 끝나지 않았습니다. {}";
    a_call(service: &str): "`aws {}`", "`aws {}` 호출";
    CALL_UNKNOWN: "Whether AWS took the call is not known; look at `loadgen aws outputs`.",
        "AWS가 호출을 받았는지 알 수 없습니다. `loadgen aws outputs`로 확인하세요.";

    // Credentials and the network
    NO_REGION: "no AWS region is set. Add --region, or set AWS_REGION, or run `aws configure set region us-east-1`.",
        "AWS 리전이 정해지지 않았습니다. --region을 추가하거나, AWS_REGION을 설정하거나, `aws configure set region us-east-1`을 실행하세요.";
    no_credentials(message: &str): "`aws` found no usable credentials ({}). Run `aws configure` or `aws sso login`, or set AWS_PROFILE; `aws sts get-caller-identity` shows who you are.",
        "`aws`가 쓸 수 있는 자격 증명을 찾지 못했습니다({}). `aws configure`나 `aws sso login`을 실행하거나 AWS_PROFILE을 설정하세요. `aws sts get-caller-identity`로 현재 사용자를 확인할 수 있습니다.";
    WANTS_MFA: "your AWS profile asks for an MFA code, and loadgen cannot pass the question on: log in first and hand the credentials over, for example `eval \"$(aws configure export-credentials --format env)\"`, or `aws sts get-session-token --serial-number ARN --token-code CODE`.",
        "AWS 프로필이 MFA 코드를 요구하지만 loadgen은 그 질문을 전달할 수 없습니다. 먼저 로그인하여 자격 증명을 넘기세요. 예: `eval \"$(aws configure export-credentials --format env)\"` 또는 `aws sts get-session-token --serial-number ARN --token-code CODE`.";
    broken_config(message: &str): "`aws` cannot read its configuration ({}). Look at ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE points.",
        "`aws`가 설정을 읽지 못했습니다({}). ~/.aws/config와 ~/.aws/credentials 또는 AWS_CONFIG_FILE이 가리키는 파일을 확인하세요.";
    expired(message: &str): "your AWS credentials have expired ({}). Log in again, for example with `aws sso login`, and repeat the command. AWS refused this call, so it changed nothing.",
        "AWS 자격 증명이 만료되었습니다({}). `aws sso login` 등으로 다시 로그인한 뒤 명령을 다시 실행하세요. AWS가 이 호출을 거부했으므로 변경된 것은 없습니다.";
    rejected(message: &str): "AWS does not accept your credentials ({}). Check the keys and AWS_PROFILE, and this machine's clock: a signature is valid for 5 minutes.",
        "AWS가 자격 증명을 받아들이지 않습니다({}). 키와 AWS_PROFILE, 그리고 이 컴퓨터의 시계를 확인하세요. 서명은 5분 동안만 유효합니다.";
    denied(operation: &str, message: &str): "AWS denied `{}`: {}. Ask the account's administrator for that permission, or use a profile that has it (AWS_PROFILE). AWS refused this call, so it changed nothing.",
        "AWS가 `{}` 권한을 거부했습니다: {}. 계정 관리자에게 권한을 요청하거나 권한이 있는 프로필(AWS_PROFILE)을 사용하세요. AWS가 이 호출을 거부했으므로 변경된 것은 없습니다.";
    throttled(operation: &str, message: &str): "AWS is throttling `{}` ({}), and `aws` has given up repeating it. Wait a minute and run the command again. AWS refused this call, so it changed nothing.",
        "AWS가 `{}` 호출을 스로틀링하고 있으며({}) `aws`가 재시도를 포기했습니다. 1분쯤 뒤에 명령을 다시 실행하세요. AWS가 이 호출을 거부했으므로 변경된 것은 없습니다.";
    unreachable(message: &str): "`aws` could not connect ({}). Check the network, the region's name, and --endpoint or AWS_ENDPOINT_URL if you use an emulator.",
        "`aws`가 연결하지 못했습니다({}). 네트워크와 리전 이름을 확인하고, 에뮬레이터를 쓴다면 --endpoint나 AWS_ENDPOINT_URL도 확인하세요.";
    elsewhere(found: &str): "an emulator is sent AWS credentials in clear, so it must be on this machine, and `{}` may be elsewhere: publish the emulator's port here (`docker run -p 4566:4566`, `ports:` of a CI service) and write http://127.0.0.1:4566",
        "에뮬레이터에는 AWS 자격 증명을 암호화하지 않고 보내므로 이 컴퓨터에 있어야 합니다. `{:`은} 다른 곳일 수 있습니다. 에뮬레이터의 포트를 이 컴퓨터에 공개하고(`docker run -p 4566:4566`, CI 서비스의 `ports:`) http://127.0.0.1:4566 을 쓰세요";
    more_than_base(found: &str): "`{}` is more than an emulator's base address: write it like http://127.0.0.1:4566",
        "`{}`: 에뮬레이터의 기본 주소보다 깁니다. http://127.0.0.1:4566 처럼 쓰세요";

    // The stack
    no_such_stack(stack: &str, region: &str): "there is no stack `{}` in {}. If you deployed it in another region, say so with --region; if under another name, with --stack. To deploy it: loadgen aws deploy",
        "{1}에 `{0}` 스택이 없습니다. 다른 리전에 배포했다면 --region을, 다른 이름으로 배포했다면 --stack을 쓰세요. 배포하기: loadgen aws deploy";
    no_output(stack: &str, region: &str, missing: &str): "the stack `{}` in {} has no output `{}`, so it is not the sample app. Name the right one with --stack, or deploy the sample app under a name of its own.",
        "{1}의 `{0}` 스택에 `{2}` 출력이 없으므로 샘플 앱이 아닙니다. --stack으로 맞는 스택을 지정하거나 다른 이름으로 샘플 앱을 배포하세요.";
    stack_failed(stack: &str, status: &str, next: Text): "the stack `{}` is in {}. {}", "`{}` 스택의 상태: {}. {}";
    stack_failed_over(stack: &str, status: &str, reason: &str, next: Text): "the stack `{}` is in {} ({}). {}", "`{}` 스택의 상태: {}({}). {}";
    stack_busy(stack: &str, status: &str): "the stack `{}` is in {}: another operation is at work on it. Wait until `loadgen aws outputs` says that it is complete, then run the command again.",
        "`{}` 스택의 상태: {}. 다른 작업이 진행 중입니다. `loadgen aws outputs`에서 완료가 확인되면 명령을 다시 실행하세요.";
    UPDATE_FAILED_BACK: "The update failed and CloudFormation went back: the app is as it was. Fix the reason and deploy again.",
        "업데이트가 실패하여 CloudFormation이 이전 상태로 되돌렸습니다. 앱은 그대로입니다. 원인을 고치고 다시 배포하세요.";
    ROLLBACK_FAILED: "Fix the reason, then run `aws cloudformation continue-update-rollback`, or take the stack down: loadgen aws delete",
        "원인을 고친 뒤 `aws cloudformation continue-update-rollback`을 실행하거나 스택을 삭제하세요: loadgen aws delete";
    ONLY_DELETE: "A stack in this state can only be deleted: loadgen aws delete, fix the reason, then loadgen aws deploy",
        "이 상태의 스택은 삭제만 할 수 있습니다: loadgen aws delete, 원인을 고친 뒤 loadgen aws deploy";
    work_on_stack(stack: &str, status: &str): "the work on the stack `{}`, now in {},", "`{}` 스택 작업(현재 {})";
    STACK_GOES_ON: "AWS continues the work; `loadgen aws outputs` shows its state.",
        "AWS에서는 계속 진행됩니다. `loadgen aws outputs`로 상태를 확인하세요.";
    maybe_deploying(stack: &str, undo: Text): "CloudFormation may be working on the stack `{}`, and continues without loadgen. To see its state: loadgen aws outputs. {}",
        "CloudFormation이 `{}` 스택 작업을 하고 있을 수 있으며 loadgen 없이도 계속합니다. 상태 확인: loadgen aws outputs. {}";
    UNDO_CREATE: "To take it down: loadgen aws delete", "삭제하기: loadgen aws delete";
    UNDO_UPDATE: "If it fails, CloudFormation goes back to the former state by itself.",
        "실패하면 CloudFormation이 스스로 이전 상태로 되돌립니다.";
    maybe_deleting(stack: &str): "CloudFormation may be deleting the stack `{}`, and continues without loadgen. To see whether it is gone: loadgen aws outputs. To have it again: loadgen aws deploy",
        "CloudFormation이 `{}` 스택을 삭제하고 있을 수 있으며 loadgen 없이도 계속합니다. 삭제되었는지 확인: loadgen aws outputs. 다시 만들기: loadgen aws deploy";

    // Functions
    no_such_function(function: &str, region: &str): "there is no function `{}` in {}. Check --region and the name; `loadgen aws outputs` shows what the stack has. If it was deleted by hand, `loadgen aws delete` and `loadgen aws deploy` make it anew.",
        "{1}에 `{0}` 함수가 없습니다. --region과 이름을 확인하세요. `loadgen aws outputs`는 스택에 있는 것을 보여 줍니다. 누군가 직접 삭제했다면 `loadgen aws delete`와 `loadgen aws deploy`로 다시 만들 수 있습니다.";
    no_function_name(found: &str): "`{}` names no function: write its name, NAME:ALIAS, NAME:VERSION or its ARN, arn:aws:lambda:REGION:ACCOUNT:function:NAME",
        "`{:`은} 함수 이름이 아닙니다. 이름, NAME:ALIAS, NAME:VERSION 또는 ARN(arn:aws:lambda:REGION:ACCOUNT:function:NAME)을 쓰세요";
    no_invoked_function(function: &str, region: &str): "there is no function `{}` in {}: check the name and --region; `aws lambda list-functions` lists those of a region",
        "{1}에 `{0}` 함수가 없습니다. 이름과 --region을 확인하세요. 리전의 함수 목록은 `aws lambda list-functions`로 볼 수 있습니다";
    no_qualified_function(function: &str, region: &str, name: &str): "there is no `{}` in {}: either no function `{2}`, or no such version or alias of it; `aws lambda list-aliases --function-name {2}` and `list-versions-by-function` list them",
        "{1}에 `{0:`이} 없습니다. `{2}` 함수가 없거나 그런 버전이나 별칭이 없습니다. `aws lambda list-aliases --function-name {2}`와 `list-versions-by-function`으로 목록을 볼 수 있습니다";
    conflict(function: &str): "another update of `{}` is in progress (ResourceConflictException), and it did not end while loadgen waited. This call changed nothing; run the command again in a minute.",
        "`{}` 함수의 다른 업데이트가 진행 중이며(ResourceConflictException) loadgen이 기다리는 동안 끝나지 않았습니다. 이 호출은 아무것도 변경하지 않았습니다. 1분쯤 뒤에 다시 실행하세요.";
    changed_meanwhile(function: &str): "`{}` was changed by another user between reading and writing, three times in a row. This command changed nothing; run it again later.",
        "읽고 쓰는 사이에 다른 사람이 `{}` 함수를 세 번 연속 변경했습니다. 이 명령은 아무것도 변경하지 않았습니다. 그 작업이 끝나면 다시 실행하세요.";
    update_failed(function: &str, reason: &str): "Lambda accepted the update of `{}` and then failed it: {}. The function keeps its former code and settings; the console's page of the function says more.",
        "Lambda가 `{}` 함수의 업데이트를 받았지만 실패했습니다: {}. 함수의 코드와 설정은 이전 그대로입니다. 자세한 내용은 콘솔의 함수 페이지에 있습니다.";
    variables_hidden(function: &str, message: &str): "the environment variables of `{}` cannot be read ({}), and writing them back unread would delete them. Nothing was changed. You need kms:Decrypt on the key that encrypts them.",
        "`{}` 함수의 환경 변수를 읽을 수 없습니다({}). 읽지 않고 다시 쓰면 변수가 삭제되므로 아무것도 변경하지 않았습니다. 변수를 암호화한 키에 대한 kms:Decrypt 권한이 필요합니다.";
    update_of(function: &str): "the update of `{}`", "`{}` 함수의 업데이트";
    UPDATE_GOES_ON: "AWS continues the work; run the command again in a minute.",
        "AWS에서는 계속 진행됩니다. 1분쯤 뒤에 명령을 다시 실행하세요.";
    maybe_cooling(function: &str): "`{}` may be getting a new value of LOADGEN_COLD, which no code reads: its environments may be new, and nothing needs to be undone.",
        "`{}` 함수의 LOADGEN_COLD 값이 바뀌고 있을 수 있습니다. 이 값을 읽는 코드는 없습니다. 실행 환경이 새로 시작될 수 있지만 되돌릴 것은 없습니다.";
    unbreakable(function: &str, runtime: Value): "`{}` runs {}; loadgen can break Python and Node.js functions that are deployed as a zip archive.",
        "`{}` 함수의 런타임: {}. loadgen은 zip으로 배포된 Python과 Node.js 함수만 고장 낼 수 있습니다.";
    CONTAINER_IMAGE: "a container image", "컨테이너 이미지";
    not_broken(function: &str, folder: &str): "no original of `{}` is saved in {}, so there is nothing to restore. If it was broken on another machine, restore it there; else `loadgen aws delete` and `loadgen aws deploy` make it anew.",
        "{1}에 저장된 `{0}` 함수의 원본이 없으므로 복원할 것이 없습니다. 다른 컴퓨터에서 고장 냈다면 그곳에서 복원하세요. 아니면 `loadgen aws delete`와 `loadgen aws deploy`로 다시 만들 수 있습니다.";
    overtaken(function: &str, file: &str): "the code of `{}` is neither the original nor what `loadgen aws break` put there: it has been deployed since. Nothing was changed. The saved original is {}; to forget it, delete its folder.",
        "`{}` 함수의 코드가 원본도 아니고 `loadgen aws break`가 넣은 코드도 아닙니다. 그 뒤에 누군가 배포했습니다. 아무것도 변경하지 않았습니다. 저장된 원본: {}. 지우려면 그 폴더를 삭제하세요.";
    download(function: &str, problem: &Reason): "the code of `{}` could not be downloaded, so it was not touched: {}. Run the command again.",
        "`{}` 함수의 코드를 내려받지 못하여 변경하지 않았습니다: {}. 명령을 다시 실행하세요.";
    NO_ADDRESS: "Lambda gave no address for it", "Lambda가 주소를 주지 않음";
    NOT_HTTPS: "Lambda's address for it is not https", "Lambda가 준 주소가 https가 아님";
    other_size(came: usize, size: u64): "{} bytes came, and Lambda says it has {}", "받은 크기는 {}바이트, Lambda가 알려 준 크기는 {}바이트";
    NO_HOME: "there is no home folder to save the original code in. Set LOADGEN_STATE to a folder.",
        "원본 코드를 저장할 홈 폴더가 없습니다. LOADGEN_STATE에 폴더를 지정하세요.";
    saved_original(path: &str): "  the saved original: {}", "  저장된 원본: {}";
    maybe_broken(function: &str): "`{0}` may be broken by now. To restore the original: loadgen aws restore --function {0}",
        "`{0}` 함수가 고장 난 상태일 수 있습니다. 원본 복원: loadgen aws restore --function {0}";
    maybe_still_broken(function: &str): "`{0}` may still be broken. To restore the original: loadgen aws restore --function {0}",
        "`{0}` 함수가 아직 고장 난 상태일 수 있습니다. 원본 복원: loadgen aws restore --function {0}";
    still_broken(function: &str, region: &str, since: String, place: String): "`{}` in {} was broken by `loadgen aws break` at {} and has not been restored from this machine since. To restore the original: loadgen aws restore {}",
        "{1}의 `{0}` 함수는 {2}에 `loadgen aws break`로 고장 낸 뒤 이 컴퓨터에서 복원하지 않았습니다. 원본 복원: loadgen aws restore {3}";

    // Requirements
    differs(setting: &str, found: &str, wanted: &str): "{}: it has {}, the scenario needs {}", "{}: 현재 {}, 시나리오에는 {} 필요";
    lacks_setting(setting: &str, wanted: &str): "{}: it has none, the scenario needs {}", "{}: 현재 없음, 시나리오에는 {} 필요";
    EMPTIES: "This empties all environments: the next requests are cold.",
        "모든 실행 환경이 비워지므로 다음 요청은 콜드 스타트입니다.";
    WHOLE_SECONDS: "Lambda's timeouts are 1 to 900 seconds, without fractions.",
        "Lambda의 제한 시간은 1~900초이며 정수만 됩니다.";
    TOO_FEW_LEFT: "Lambda refuses it where too few would be left for the account's other functions, as in many new accounts.",
        "계정의 다른 함수에 남는 동시성이 너무 적으면 Lambda가 거부합니다. 새 계정에서 흔합니다.";
    NEEDS_ALIAS: "It needs a version or an alias, and the sample app's API calls the unqualified function, which it never reaches.",
        "버전이나 별칭이 필요하지만 샘플 앱의 API는 버전을 지정하지 않고 함수를 호출하므로 적용되지 않습니다.";

    // Prices
    cost(aws: Value, datadog: Value, month: &str): "{} on AWS and {} in Datadog (an estimate from list prices for us-east-1 of {}, without free tiers, logs and data transfer)",
        "AWS {}, Datadog {}(us-east-1의 {} 정가로 추정, 프리 티어·로그·데이터 전송 제외)";
    dollars(amount: String): "about ${}", "약 ${}";
    FREE: "$0", "$0";
    LESS_THAN_A_CENT: "less than $0.01", "$0.01 미만";
}
