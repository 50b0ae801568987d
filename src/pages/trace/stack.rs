//! A stack trace with the line marked that raised: the last one in the function's own code.

/// A stack trace's lines, and which of them are to be marked.
pub(super) struct StackTrace<'a> {
    lines: Vec<&'a str>,
    marked: Option<(usize, usize)>,
}

/// Where Lambda puts a function's own code.
const OWN_CODE: &str = "/var/task/";

impl<'a> StackTrace<'a> {
    /// Reads a stack trace of Python (the raising frame last) or of Node.js (first).
    pub(super) fn read(text: &'a str) -> StackTrace<'a> {
        let lines: Vec<&str> = text.lines().collect();
        let python = |line: &&str| -> bool { line.trim_start().starts_with("File \"") };
        let node = |line: &&str| line.trim_start().starts_with("at ");
        let own = |line: &&str| line.contains(OWN_CODE) && !line.contains("node_modules");
        let marked = if lines.iter().any(python) {
            let frame = lines
                .iter()
                .rposition(|line| python(line) && own(line))
                .or_else(|| lines.iter().rposition(python));
            // The line of code stands below the frame.
            frame.map(|frame| {
                let code = lines
                    .get(frame + 1)
                    .is_some_and(|line| line.starts_with("    "));
                (frame, if code { 2 } else { 1 })
            })
        } else {
            lines
                .iter()
                .position(|line| node(line) && own(line))
                .or_else(|| lines.iter().position(node))
                .map(|frame| (frame, 1))
        };
        StackTrace { lines, marked }
    }

    /// The text before the marked lines, the marked lines, and the text after them.
    pub(super) fn parts(&self) -> [String; 3] {
        let (first, n) = self.marked.unwrap_or((self.lines.len(), 0));
        let joined = |from: usize, to: usize| {
            self.lines
                .get(from..to.min(self.lines.len()))
                .unwrap_or_default()
                .join("\n")
        };
        [
            joined(0, first),
            joined(first, first + n),
            joined(first + n, self.lines.len()),
        ]
    }

    /// The frame that raised: `File "/var/task/entry.py", line 31, in handler`.
    pub(super) fn frame(&self) -> Option<&'a str> {
        let (first, _) = self.marked?;
        self.lines.get(first).map(|line| line.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_raises_in_the_last_frame_of_its_own_code() {
        let text = "Traceback (most recent call last):\n  File \"/opt/wrapper.py\", line 192, in __call__\n    \
                    self.func()\n  File \"/var/task/entry.py\", line 31, in handler\n    raise Exception('x')\n  \
                    File \"/opt/late.py\", line 1, in f\nException: x";
        let stack = StackTrace::read(text);
        assert_eq!(stack.marked, Some((3, 2)));
        assert_eq!(
            stack.frame(),
            Some("File \"/var/task/entry.py\", line 31, in handler")
        );
    }

    #[test]
    fn no_line_is_lost_by_marking() {
        let text = "a\n  File \"/var/task/x.py\", line 1\n    code\nb\nc";
        let [before, marked, after] = StackTrace::read(text).parts();
        assert_eq!([before, marked, after].join("\n"), text);
    }

    #[test]
    fn node_raises_in_the_first_frame_of_its_own_code() {
        let text = "Error: x\n    at f (/opt/nodejs/a.js:1:1)\n    at handler (/var/task/index.js:12:9)\n    at g (/var/task/b.js:1:1)";
        assert_eq!(StackTrace::read(text).marked, Some((2, 1)));
    }

    #[test]
    fn what_is_no_stack_marks_nothing() {
        assert_eq!(StackTrace::read("").marked, None);
        assert_eq!(StackTrace::read("something went wrong").marked, None);
    }
}
