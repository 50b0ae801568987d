//! The engine against servers of all kinds, hostile ones too. Every test also asserts that each
//! planned request is accounted for.

mod clock;
mod closed_loop;
mod descriptors;
mod faults;
mod frames;
mod fronts;
mod hostile;
mod http2;
mod http2_floods;
mod http2_hostile;
mod http2_shared;
mod open_loop;
mod support;
mod tls;
