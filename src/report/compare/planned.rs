//! How many cold starts a paired comparison needs, as text and for a pull request.

use std::time::Duration;

use crate::{
    ab::{AbPlan, FEWEST_PAIRS, PlannedDifference},
    lang::{Percent, Phrase, PlainNumber, Reason, Share, Value, texts},
    report::{markdown::bullets, text::wrap},
};

texts! {
    const;
    heading(power: Share): "Cold starts that find a difference with a chance of {}", "차이를 {} 확률로 찾는 데 필요한 콜드 스타트";
    needs(change: Share, pairs: u32, mean: u64, both: u64): "{} needs {} pairs, {} on average: {} cold starts at most",
        "{}: {}쌍, 평균 {}쌍, 콜드 스타트 최대 {}회";
    needs_fewest(change: Share, pairs: u32, both: u64): "{} needs {} pairs, the fewest that --pairs takes: {} cold starts at most",
        "{}: {}쌍(--pairs의 최솟값), 콜드 스타트 최대 {}회";
    absence(within: Percent, pairs: u32): "No change above {} (--within): {} pairs show this if there is no difference", "{}를 넘는 차이가 없음(--within)을 보이려면: 실제로 차이가 없을 때 {}쌍";
    by_look(pairs: u32, change: Share, looks: String): "With {} pairs a difference of {} is found by each look with a chance of {}.",
        "{}쌍이면 {} 차이를 찾을 확률은 확인할 때마다 차례로 {}입니다.";
    takes(idle: Duration, forced: Duration, requests: u64, cost: Reason): "{requests} requests at most. Idling takes {idle}, forced cold starts (--force-cold) about {forced}, and a sandbox skips the idle time. On AWS: {cost}",
        "요청 최대 {requests}회. 유휴 대기는 {idle}, 강제 콜드 스타트(--force-cold)는 약 {forced} 걸리며 샌드박스는 유휴 시간을 건너뜁니다. AWS 비용: {cost}";
    ground(scatter: PlainNumber): "This assumes the published scatter of init durations of a bare python3.12 function: a standard deviation of {} for the logarithm of a pair's ratio. Twice the scatter needs four times the pairs.",
        "공개된 python3.12 기본 함수의 초기화 시간 산포(쌍 비율의 로그 표준 편차 {})를 가정합니다. 산포가 두 배이면 쌍은 네 배 필요합니다.";
}

/// As text.
pub(super) fn text(plan: &AbPlan, cost: Reason) -> String {
    let mut page = format!("{}\n", heading(Share(plan.power)));
    for line in rows(plan)
        .iter()
        .chain(&remarks(plan, cost))
        .flat_map(|it| wrap(it, 76))
    {
        page.push_str(&format!("  {line}\n"));
    }
    page
}

/// As Markdown.
pub(super) fn markdown(plan: &AbPlan, cost: Reason) -> String {
    let mut lines = vec![format!("### {}", heading(Share(plan.power))), String::new()];
    lines.extend(bullets(&rows(plan)));
    lines.push(String::new());
    lines.extend(bullets(&remarks(plan, cost)));
    lines.join("\n") + "\n"
}

/// What each difference needs, and its absence.
fn rows(plan: &AbPlan) -> Vec<String> {
    let row = |one: &PlannedDifference| -> Phrase {
        let change = Share(one.change);
        match one.pairs > FEWEST_PAIRS {
            true => {
                let mean = one.mean_pairs.round() as u64;
                needs(change, one.pairs, mean, one.cold_starts)
            }
            false => needs_fewest(change, one.pairs, one.cold_starts),
        }
    };
    let absence = absence(Percent(plan.design.within * 100.0), plan.pairs_for_absence);
    let rows = plan.differences.iter().map(row).chain([absence]);
    rows.map(|row| row.to_string()).collect()
}

/// What the design that was typed finds, takes and costs, and what all of it assumes.
fn remarks(plan: &AbPlan, cost: Reason) -> Vec<String> {
    let looks = plan
        .chances
        .map(|chance| Value::from(Share(chance)).to_string());
    let change = Share(plan.change_by_look);
    let [idle, forced] = [plan.idle_s, plan.forced_s].map(Duration::from_secs);
    let remarks = [
        by_look(plan.design.pairs, change, looks.join(", ")),
        takes(idle, forced, plan.requests, cost),
        ground(PlainNumber(plan.scatter)),
    ];
    remarks.map(|remark| remark.to_string()).to_vec()
}
