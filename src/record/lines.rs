//! Lines of files that anybody may have written.

use std::io::{self, BufRead};

/// Reads the next line with its end into `line`, which is replaced. At most `longest` bytes of it
/// are kept. Returns the line's full length: 0 at the end of the file.
pub(super) fn read_line(
    from: &mut impl BufRead,
    line: &mut Vec<u8>,
    longest: usize,
) -> io::Result<usize> {
    line.clear();
    let mut length = 0;
    loop {
        let ready = match from.fill_buf() {
            Ok(ready) => ready,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = ready.iter().position(|byte| *byte == b'\n');
        let part = &ready[..end.map_or(ready.len(), |end| end + 1)];
        let kept = part.len().min(longest.saturating_sub(line.len()));
        line.extend_from_slice(&part[..kept]);
        let read = part.len();
        from.consume(read);
        length += read;
        if end.is_some() || read == 0 {
            return Ok(length);
        }
    }
}
