//! What an environment writes to stdout and stderr: lines, each with its time.

use std::{
    io::{self, Read},
    os::unix::net::UnixStream,
    task::{Context, Poll},
    time::Instant,
};

/// The longest line that is kept uncut, in bytes (CloudWatch Logs quotas: an event has up to 256 KB).
const LONGEST: usize = 256 * 1024;
/// How much is kept of one invocation, in bytes.
const MOST: usize = 1 << 20;

/// The reading end.
#[derive(Debug)]
pub(super) struct HandlerOutput {
    stream: tokio::net::UnixStream,
    /// The same, read without asking whether it is known to be readable.
    direct: UnixStream,
    closed: bool,
    rest: Vec<u8>,
    kept: usize,
    dropped: usize,
    lines: Vec<(Instant, String)>,
    /// How many of the lines [`HandlerOutput::fresh`] has given.
    given: usize,
}

impl HandlerOutput {
    pub(super) fn new(stream: UnixStream) -> io::Result<HandlerOutput> {
        stream.set_nonblocking(true)?;
        Ok(HandlerOutput {
            direct: stream.try_clone()?,
            stream: tokio::net::UnixStream::from_std(stream)?,
            closed: false,
            rest: Vec::new(),
            kept: 0,
            dropped: 0,
            lines: Vec::new(),
            given: 0,
        })
    }

    /// Reads what comes next; pending until something does.
    pub(super) fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.closed {
            return Poll::Pending;
        }
        let mut bytes = [0; 16 * 1024];
        let read = match self.stream.poll_read_ready(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(())) => self.stream.try_read(&mut bytes),
            Poll::Ready(Err(error)) => Err(error),
        };
        self.take_in(read, &bytes);
        Poll::Ready(())
    }

    /// Reads all that was written so far, without waiting; what was not ended yet becomes a line.
    pub(super) fn settle(&mut self) {
        let mut bytes = [0; 16 * 1024];
        while !self.closed {
            match self.direct.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                read => self.take_in(read, &bytes),
            }
        }
        self.end_line();
    }

    /// The lines since the last call of this.
    pub(super) fn fresh(&mut self) -> impl Iterator<Item = &str> {
        let given = std::mem::replace(&mut self.given, self.lines.len());
        self.lines[given..].iter().map(|(_, line)| line.as_str())
    }

    /// All lines since the last call of this.
    pub(super) fn drain(&mut self) -> Vec<(Instant, String)> {
        self.settle();
        if self.dropped > 0 {
            let line = format!(
                "[loadgen] {} more bytes of output were dropped",
                self.dropped
            );
            self.lines.push((Instant::now(), line));
        }
        (self.kept, self.dropped, self.given) = (0, 0, 0);
        std::mem::take(&mut self.lines)
    }

    fn take_in(&mut self, read: io::Result<usize>, bytes: &[u8]) {
        match read {
            Ok(0) => self.closed = true,
            Ok(length) => {
                for part in bytes[..length].split_inclusive(|byte| *byte == b'\n') {
                    self.keep(part.strip_suffix(b"\n").unwrap_or(part));
                    if part.ends_with(b"\n") {
                        self.end_line();
                    }
                }
            }
            Err(error) if is_passing(&error) => {}
            Err(_) => self.closed = true,
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = (LONGEST - self.rest.len())
            .min(MOST - self.kept)
            .min(part.len());
        self.rest.extend_from_slice(&part[..room]);
        self.kept += room;
        self.dropped += part.len() - room;
    }

    fn end_line(&mut self) {
        if !self.rest.is_empty() {
            // Runtimes write an entry of several lines with carriage returns, to keep it one.
            let line = String::from_utf8_lossy(&self.rest).replace('\r', "\n");
            self.lines
                .push((Instant::now(), line.trim_end().to_owned()));
            self.rest.clear();
        }
    }
}

/// Whether there may be more to read.
fn is_passing(error: &io::Error) -> bool {
    let kind = error.kind();
    kind == io::ErrorKind::Interrupted || kind == io::ErrorKind::WouldBlock
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn lines_are_kept_within_bounds_and_the_rest_is_counted() {
        let (mut theirs, ours) = UnixStream::pair().expect("a pair");
        let mut output = HandlerOutput::new(ours).expect("a reader");
        theirs
            .write_all(b"one\ntwo\rlines\n\n\xff\xfe rest")
            .expect("written");
        let lines: Vec<String> = output.drain().into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines, ["one", "two\nlines", "\u{fffd}\u{fffd} rest"]);
        let writer = std::thread::spawn(move || {
            let line = [b'x'; 1024];
            (0..2_048).for_each(|_| theirs.write_all(&line).expect("written"));
        });
        while !output.closed {
            std::future::poll_fn(|context| output.poll_fill(context)).await;
        }
        writer.join().expect("no panic");
        let lines = output.drain();
        assert_eq!(lines[0].1.len(), LONGEST);
        assert!(
            lines[1].1.contains(&(2_048 * 1_024 - LONGEST).to_string()),
            "{}",
            lines[1].1
        );
    }
}
