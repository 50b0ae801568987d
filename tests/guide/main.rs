//! The guide proves itself: its commands run and print what it shows, its links lead somewhere, its
//! languages agree, and it has a place for everything that the program has.

mod alike;
mod books;
mod commands;
mod figures;
mod opens;
mod page;
mod parity;
mod places;
mod reference;
mod script;
mod search;
mod symptoms;
mod twins;
