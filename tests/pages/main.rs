//! The pages over HTTP, as a browser asks for them.

mod bounds;
mod guards;
mod hostile;
mod language;
mod logs;
mod odd;
mod server;
mod telemetry;
mod walk;
