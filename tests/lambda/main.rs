//! The model of Lambda, against what AWS documents and against theory.

mod app;
mod limits;
mod pool;
mod queue;
