//! Properties of the response parser: what any bytes, cut anywhere, may lead to.

use proptest::{collection::vec, prelude::*, sample::Index};

use super::{BadResponse, ParseStatus, ResponseParser, ResponseSummary};

/// Feeds bytes in the given pieces until the response is complete or bad.
fn read(
    bytes: &[u8],
    cuts: &[Index],
    asked_head: bool,
) -> (Result<ParseStatus, BadResponse>, ResponseSummary) {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    at.extend([0, bytes.len()]);
    at.sort_unstable();
    let mut parser = ResponseParser::new(asked_head);
    let mut fed = Ok(ParseStatus::Partial);
    let mut left_after = 0;
    for piece in at.windows(2) {
        match fed {
            Ok(ParseStatus::Partial) => fed = parser.feed(&bytes[piece[0]..piece[1]]),
            _ => left_after += piece[1] - piece[0],
        }
    }
    let mut response = parser.into_response();
    response.keep_alive &= left_after == 0;
    (fed, response)
}

/// How a made-up answer tells where it ends.
#[derive(Clone, Debug)]
enum Body {
    Length(Vec<u8>),
    Chunked(Vec<Vec<u8>>),
    None,
}

impl Body {
    fn length(&self) -> usize {
        match self {
            Body::Length(body) => body.len(),
            Body::Chunked(chunks) => chunks.iter().map(Vec::len).sum(),
            Body::None => 0,
        }
    }
}

prop_compose! {
    /// A well-formed answer, with interim ones before it.
    fn answer()(
        interim in 0..3usize,
        status in 200..600u16,
        names in vec("[a-z]{1,8}-[a-z]{1,8}x", 0..10),
        values in vec("[ -~]{0,40}", 10),
        body in prop_oneof![
            vec(any::<u8>(), 0..300).prop_map(Body::Length),
            vec(vec(any::<u8>(), 1..80), 0..6).prop_map(Body::Chunked),
        ],
    ) -> (u16, Body, Vec<u8>) {
        let body = if matches!(status, 204 | 304) { Body::None } else { body };
        let mut bytes = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n".repeat(interim);
        bytes.extend(format!("HTTP/1.1 {status} Reason\r\n").bytes());
        for (name, value) in names.iter().zip(&values) {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        match &body {
            Body::None => bytes.extend(b"\r\n"),
            Body::Length(body) => {
                bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
                bytes.extend(body);
            }
            Body::Chunked(chunks) => {
                bytes.extend(b"Transfer-Encoding: gzip, Chunked\r\n\r\n");
                for chunk in chunks {
                    bytes.extend(format!("{:x};ext\r\n", chunk.len()).bytes());
                    bytes.extend(chunk);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\nx-trailer: 1\r\n\r\n");
            }
        }
        (status, body, bytes)
    }
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..12)
}

proptest! {
    #[test]
    fn a_well_formed_answer_is_read_whole_wherever_it_is_cut(
        (status, body, bytes) in answer(),
        cuts in cuts(),
    ) {
        let (fed, answer) = read(&bytes, &cuts, false);
        prop_assert_eq!(fed, Ok(ParseStatus::Complete));
        prop_assert_eq!(answer.status, status);
        prop_assert_eq!(answer.bytes, body.length() as u64);
        prop_assert!(answer.keep_alive);
    }

    #[test]
    fn what_follows_an_answer_is_never_read_as_part_of_it(
        (status, _, mut bytes) in answer(),
        more in vec(any::<u8>(), 1..50),
        cuts in cuts(),
    ) {
        bytes.extend(more);
        let (fed, answer) = read(&bytes, &cuts, false);
        prop_assert_eq!(fed, Ok(ParseStatus::Complete));
        prop_assert_eq!(answer.status, status);
        prop_assert!(!answer.keep_alive);
    }

    #[test]
    fn an_answer_cut_short_is_never_whole((_, body, bytes) in answer(), at in any::<Index>()) {
        let short = at.index(bytes.len());
        let (fed, answer) = read(&bytes[..short], &[], false);
        prop_assert_eq!(fed, Ok(ParseStatus::Partial));
        prop_assert!(answer.bytes <= body.length() as u64);
    }

    #[test]
    fn a_damaged_answer_is_read_alike_wherever_it_is_cut(
        (_, _, mut bytes) in answer(),
        damage in vec((any::<Index>(), any::<u8>()), 1..6),
        cuts in cuts(),
        asked_head in any::<bool>(),
    ) {
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (at_once, one) = read(&bytes, &[], asked_head);
        let (in_pieces, other) = read(&bytes, &cuts, asked_head);
        // In pieces, a head that will never be right may not be known as such yet.
        let complete = Ok(ParseStatus::Complete);
        if at_once == complete || in_pieces == complete {
            prop_assert_eq!(at_once, in_pieces);
            let parsed = |of: &ResponseSummary| (of.status, of.bytes, of.keep_alive);
            prop_assert_eq!(parsed(&one), parsed(&other));
            prop_assert_eq!(one.markers, other.markers);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..2000), cuts in cuts()) {
        let _ = read(&bytes, &cuts, false);
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let (_, answer) = read(&[&head[..], &bytes].concat(), &cuts, false);
        prop_assert!(answer.bytes <= bytes.len() as u64);
    }

    #[test]
    fn an_odd_line_changes_nothing_of_what_the_others_say(
        (status, body, bytes) in answer(),
        odd in "[ -9;-~\u{1}\u{7f}]{1,40}",
        at in any::<Index>(),
        cuts in cuts(),
    ) {
        let place_of = |part: &[u8]| bytes.windows(part.len()).position(|here| here == part);
        let begin = place_of(format!("HTTP/1.1 {status}").as_bytes()).unwrap_or_default();
        let end = bytes[begin..].windows(4).position(|end| end == b"\r\n\r\n");
        let last = begin + end.unwrap_or_default();
        let lines: Vec<usize> = (begin..last + 2).filter(|at| bytes[*at] == b'\n').collect();
        let place = *at.get(&lines) + 1;
        let mut odd = odd.into_bytes();
        odd.extend(b"\r\n");
        // Folded into the line that says where the body ends, it would change that.
        prop_assume!(odd[0] != b' ' || place < last + 2);
        let mut with = bytes.clone();
        with.splice(place..place, odd);
        let (fed, response) = read(&with, &cuts, false);
        prop_assert_eq!(fed, Ok(ParseStatus::Complete));
        prop_assert_eq!((response.status, response.bytes), (status, body.length() as u64));
    }
}
