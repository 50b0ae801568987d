//! What a real handler said and wrote, beside what was measured of it.

use std::time::Duration;

/// What a real handler said and wrote.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HandlerRecord {
    /// What went wrong, where something did.
    pub error: Option<HandlerError>,
    /// The lines of its output, each with its time since the request arrived.
    pub lines: Vec<(Duration, String)>,
    /// How it was loaded, where the runtime timed that and this was the first request of its process.
    pub load: Option<HandlerLoad>,
    /// How far the model's clock was ahead of the wall clock that the handler saw.
    pub ahead: Duration,
}

/// How a handler was loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HandlerLoad {
    /// When that began, since the request arrived.
    pub after: Duration,
    /// How long it took.
    pub took: Duration,
    /// The modules that it imported, each with those that it imported itself.
    pub modules: Vec<ModuleImport>,
}

/// The import of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleImport {
    /// Its name.
    pub module: String,
    /// When it began, since the request arrived.
    pub after: Duration,
    /// How long it took.
    pub took: Duration,
}

/// A failure as a runtime tells it (AWS Lambda developer guide, "Using the Lambda runtime API").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandlerError {
    /// `errorType`: `ValueError`, `Runtime.ImportModuleError`.
    pub kind: String,
    /// `errorMessage`.
    pub message: String,
    /// `stackTrace`: one frame each, with the real file and line.
    pub stack: Vec<String>,
}

impl HandlerError {
    /// The stack trace as its language prints it.
    pub fn traceback(&self) -> String {
        let frames: String = self
            .stack
            .iter()
            .map(|frame| frame.trim_end())
            .fold(String::new(), |text, frame| text + frame + "\n");
        match self.stack.first() {
            Some(frame) if frame.trim_start().starts_with("File ") => format!(
                "Traceback (most recent call last):\n{frames}{}: {}",
                self.kind, self.message
            ),
            _ => frames,
        }
    }
}
