//! Heads that curl and browsers accept although they violate the grammar: a line without a colon, a
//! control character, folded lines, more lines than usual. They are accepted if the end of the
//! response is still certain.

use std::borrow::Cow;

use super::bad_response::{BadResponse, HeadLine};

/// The most lines that a head may have.
pub(super) const LINE_LIMIT: usize = 1_000;

/// A head, read line by line.
pub(super) struct LenientHead<'a> {
    /// How many bytes it has, including its empty line.
    pub length: usize,
    pub status: u16,
    /// Whether it is HTTP/1.0.
    pub is_http10: bool,
    pub fields: Vec<(&'a str, Cow<'a, [u8]>)>,
}

impl<'a> LenientHead<'a> {
    /// Reads a head from the start of `bytes`; None while it is not complete.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<LenientHead<'a>>, BadResponse> {
        let begin = bytes
            .iter()
            .take_while(|byte| b"\r\n".contains(byte))
            .count();
        let expected = bytes[begin..].iter().zip(b"HTTP/1.");
        if expected.into_iter().any(|(is, wanted)| is != wanted) {
            return Err(BadResponse::NotHttp);
        }
        let mut rest = &bytes[begin..];
        let mut status = None;
        let mut fields = Vec::new();
        for number in 1.. {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                return Ok(None);
            };
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            rest = after;
            match status {
                None => status = Some(status_line(line)?),
                Some((status, is_http10)) if line.is_empty() => {
                    return Ok(Some(LenientHead {
                        length: bytes.len() - rest.len(),
                        status,
                        is_http10,
                        fields,
                    }));
                }
                Some(_) if number > LINE_LIMIT => {
                    return Err(BadResponse::HeadTooLong(HeadLine::new(number, line)));
                }
                Some(_) => add(line, number, &mut fields)?,
            }
        }
        Ok(None)
    }
}

/// The status, and whether the version is HTTP/1.0.
fn status_line(line: &[u8]) -> Result<(u16, bool), BadResponse> {
    let mut words = line
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    let version = words.next().unwrap_or_default();
    let digits = words.next().and_then(|word| str::from_utf8(word).ok());
    let is_status = |text: &&str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    let status = digits.filter(is_status).and_then(|text| text.parse().ok());
    match (version, status) {
        ([.., b'.', minor], Some(status @ 100..)) if minor.is_ascii_digit() => {
            Ok((status, *minor == b'0'))
        }
        _ => Err(BadResponse::NotHttp),
    }
}

/// Takes one line in, as far as it is a header line.
fn add<'a>(
    line: &'a [u8],
    number: usize,
    fields: &mut Vec<(&'a str, Cow<'a, [u8]>)>,
) -> Result<(), BadResponse> {
    if let (true, Some((_, value))) = (
        line.starts_with(b" ") || line.starts_with(b"\t"),
        fields.last_mut(),
    ) {
        // A folded line continues the one before (RFC 9112, section 5.2).
        let value = value.to_mut();
        value.push(b' ');
        value.extend_from_slice(line.trim_ascii());
        return Ok(());
    }
    let colon = line.iter().position(|byte| *byte == b':');
    let (name, value) = line.split_at(colon.unwrap_or(line.len()));
    let name = name.trim_ascii_end();
    match (colon, str::from_utf8(name)) {
        (Some(_), Ok(name)) if is_token(name) => {
            fields.push((name, Cow::Borrowed(value[1..].trim_ascii())));
            Ok(())
        }
        // Left out, as curl does, unless it may have said where the response ends.
        _ if may_frame(line) => Err(BadResponse::OddLine(HeadLine::new(number, line))),
        _ => Ok(()),
    }
}

fn is_token(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_plain)
}

fn may_frame(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    let holds = |word: &[u8]| line.windows(word.len()).any(|part| part == word);
    line.contains(&0) || holds(b"content-length") || holds(b"transfer-encoding")
}
