//! The topics' titles, in both languages.

use super::Topic;
use crate::lang::Text;

impl Topic {
    /// A title of a few words.
    pub fn title(self) -> Text {
        let (en, ko) = match self {
            Topic::Site => ("site", "사이트"),
            Topic::Keys => ("keys", "키"),
            Topic::ApiHost => ("API's host", "API 호스트"),
            Topic::Api => ("API", "API"),
            Topic::Clock => ("clock", "시계"),
            Topic::ApiKey => ("API key", "API 키"),
            Topic::ScopeMetrics => ("reads metrics", "메트릭 읽기"),
            Topic::ScopeSpans => ("reads spans", "스팬 읽기"),
            Topic::ScopeLogs => ("reads logs", "로그 읽기"),
            Topic::EnhancedMetrics => ("enhanced metrics", "향상된 메트릭"),
            Topic::AwsIntegration => ("AWS integration", "AWS 통합"),
            Topic::Forwarder => ("Forwarder", "Forwarder"),
            Topic::AwsCommand => ("aws command", "aws 명령"),
            Topic::AwsRegion => ("region", "리전"),
            Topic::AwsIdentity => ("identity", "사용자"),
            Topic::AwsConcurrency => ("concurrency", "동시성"),
            Topic::Stack => ("stack", "스택"),
            Topic::Runtime => ("runtime", "런타임"),
            Topic::Layers => ("layers", "레이어"),
            Topic::FunctionSite => ("sends to", "보내는 곳"),
            Topic::FlushStrategy => ("flush strategy", "플러시 전략"),
            Topic::PayloadCapture => ("payload capture", "페이로드 수집"),
            Topic::TargetHost => ("endpoint's host", "엔드포인트 호스트"),
            Topic::Target => ("endpoint", "엔드포인트"),
        };
        Text::new(en, ko)
    }
}
