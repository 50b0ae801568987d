//! What `loadgen aws` says, in both languages.

use crate::lang::{Phrase, Text, texts};

texts! {
    pub(super) const;
    bad_timeout(found: &str): "`{}` is not 1s to 30s without fractions, as Lambda behind API Gateway needs it",
        "`{}`: API Gateway 뒤의 Lambda에는 1s~30s의 정수 초가 필요합니다";
    note(text: Phrase): "note: {}", "참고: {}";
    interrupted(left_behind: Phrase): "interrupted. {}", "중단되었습니다. {}";
    NOTHING_CHANGED: "Nothing was changed.", "변경된 것은 없습니다.";
    NOT_CONFIRMED: "not confirmed; nothing was changed", "확인하지 않아 아무것도 변경하지 않았습니다";
    NO_TERMINAL: "there is no terminal to ask at; add --yes, or --dry-run to see the calls first",
        "물어볼 터미널이 없습니다. --yes를 추가하거나, 먼저 --dry-run으로 호출을 확인하세요";
    no_random(why: &str): "the system gives no random numbers: {}", "시스템에서 난수를 얻지 못했습니다: {}";

    // deploy
    deploys(stack: &str, region: &str, cost: Phrase): "Deploys the sample app as the stack `{}` in {}: an API Gateway, two Lambda functions with their roles and logs, an SNS topic and an SQS queue. A thousand requests cost {}. To take it down again: loadgen aws delete",
        "{1}에 `{0}` 스택으로 샘플 앱을 배포합니다: API Gateway, Lambda 함수 2개와 그 역할·로그, SNS 토픽, SQS 대기열. 요청 1,000회의 비용: {2}. 삭제하기: loadgen aws delete";
    DEPLOY_IT: "Deploy it?", "배포할까요?";
    NEEDS_KEY: "a new stack needs your Datadog API key: set DD_API_KEY, or DD_API_KEY_FILE to a file that holds it. You find it at https://app.datadoghq.com/organization-settings/api-keys",
        "새 스택에는 Datadog API 키가 필요합니다. DD_API_KEY를 설정하거나, 키가 든 파일을 DD_API_KEY_FILE에 지정하세요. 키는 https://app.datadoghq.com/organization-settings/api-keys 에 있습니다";
    deployed(outcome: Text, undo: String): "{} To undo: {}", "{} 되돌리기: {}";
    CREATED: "The sample app is deployed.", "샘플 앱을 배포했습니다.";
    UPDATED: "The sample app is up to date.", "샘플 앱을 업데이트했습니다.";
    UNCHANGED: "The sample app was up to date already.", "샘플 앱이 이미 최신입니다.";

    // cold, break, restore
    cooled(function: &str): "All environments of `{}` are retired: the next requests start new ones. There is nothing to undo; no code reads LOADGEN_COLD.",
        "`{}` 함수의 모든 실행 환경을 비웠습니다. 다음 요청은 새 실행 환경에서 시작합니다. LOADGEN_COLD를 읽는 코드는 없으므로 되돌릴 것이 없습니다.";
    broken(function: &str, undo: String): "`{}` now raises 'Throw an error.' on every invocation. To restore the original: {}",
        "이제 `{}` 함수는 호출마다 'Throw an error.'를 일으킵니다. 원본 복원: {}";
    broken_already(function: &str, undo: String): "`{}` was broken already and still raises 'Throw an error.' on every invocation. To restore the original: {}",
        "`{}` 함수는 이미 고장 난 상태이며 호출마다 'Throw an error.'를 일으킵니다. 원본 복원: {}";
    restored(function: &str, again: String): "`{}` has its original code again. To break it again: {}",
        "`{}` 함수의 원본 코드를 복원했습니다. 다시 고장 내기: {}";
    restored_already(function: &str, again: String): "`{}` has its original code; breaking it had been interrupted. To break it again: {}",
        "`{}` 함수는 원본 코드 그대로입니다. 고장 내는 작업이 중단되었습니다. 다시 고장 내기: {}";

    // delete
    deletes(stack: &str, region: &str): "Deletes the stack `{}` in {} with its functions, queue, topic, API and logs. Deploying it again gives the API another address.",
        "{1}의 `{0}` 스택을 함수, 대기열, 토픽, API, 로그와 함께 삭제합니다. 다시 배포하면 API의 주소가 바뀝니다.";
    DELETE_IT: "Delete it?", "삭제할까요?";
    deleted(again: String): "The stack is gone. To have it again: {}", "스택을 삭제했습니다. 다시 만들기: {}";
    no_stack(stack: &str, region: &str): "There is no stack `{}` in {}, so nothing was deleted. If yours is elsewhere, add --region or --stack.",
        "{1}에 `{0}` 스택이 없으므로 삭제하지 않았습니다. 다른 곳에 있다면 --region이나 --stack을 추가하세요.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::assert_korean;

    #[test]
    fn each_action_speaks_korean() {
        let typed = || "`loadgen aws delete`".to_owned();
        assert_korean([
            bad_timeout("x"),
            note(NOTHING_CHANGED.into()),
            interrupted(NOTHING_CHANGED.into()),
            no_random("x"),
            deploys("x", "y", NOTHING_CHANGED.into()),
            deployed(CREATED, typed()),
            deployed(UPDATED, typed()),
            deployed(UNCHANGED, typed()),
            cooled("x"),
            broken("x", typed()),
            broken_already("x", typed()),
            restored("x", typed()),
            restored_already("x", typed()),
            deletes("x", "y"),
            deleted(typed()),
            no_stack("x", "y"),
        ]);
        assert_korean([
            NOTHING_CHANGED,
            NOT_CONFIRMED,
            NO_TERMINAL,
            NEEDS_KEY,
            DEPLOY_IT,
            DELETE_IT,
        ]);
    }
}
