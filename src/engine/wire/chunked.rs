//! The chunked transfer coding, counted and thrown away (RFC 9112, section 7.1).

use super::bad_response::BadResponse;

/// Chunk extensions and trailers together may take this many bytes; they carry nothing that is
/// counted, so more than this is a server that never ends.
const OVERHEAD_LIMIT: u32 = 64 * 1024;
/// Hex digits of a chunk size: 15 of them cannot overflow 64 bits.
const SIZE_DIGITS: u8 = 15;

/// Where in a chunked body the reader is.
#[derive(Debug)]
pub(super) struct Chunks {
    at: At,
    overhead: u32,
}

#[derive(Clone, Copy, Debug)]
enum At {
    Size { value: u64, digits: u8 },
    Extension { size: u64 },
    SizeEnd { size: u64 },
    Data { left: u64 },
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
}

/// What became of some bytes.
pub(super) struct Taken {
    /// How many belonged to the body, framing included.
    pub used: usize,
    /// How many of these were data.
    pub data: u64,
    /// Whether the last chunk and the trailers were among them.
    pub done: bool,
}

impl Chunks {
    pub fn new() -> Chunks {
        Chunks {
            at: At::Size {
                value: 0,
                digits: 0,
            },
            overhead: 0,
        }
    }

    /// Reads on.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Taken, BadResponse> {
        let (mut used, mut data) = (0, 0);
        while let Some(&byte) = bytes.get(used) {
            if let At::Data { left } = self.at {
                let here = left.min((bytes.len() - used) as u64);
                used += here as usize;
                data += here;
                self.at = match left - here {
                    0 => At::DataCr,
                    left => At::Data { left },
                };
                continue;
            }
            used += 1;
            if self.step(byte)? {
                let done = true;
                return Ok(Taken { used, data, done });
            }
        }
        let done = false;
        Ok(Taken { used, data, done })
    }

    /// One byte of framing; true on the very last.
    fn step(&mut self, byte: u8) -> Result<bool, BadResponse> {
        self.at = match (self.at, byte) {
            (At::Size { value, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                if digits == SIZE_DIGITS {
                    return Err(BadResponse::Chunking);
                }
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                At::Size {
                    value: value << 4 | u64::from(digit),
                    digits: digits + 1,
                }
            }
            (At::Size { digits: 0, .. }, _) => return Err(BadResponse::Chunking),
            (At::Size { value: size, .. } | At::Extension { size }, b'\r') => At::SizeEnd { size },
            (At::Size { value: size, .. }, b';' | b' ' | b'\t') => {
                self.overhead(At::Extension { size })?
            }
            (At::Extension { size }, byte) if byte != b'\n' => {
                self.overhead(At::Extension { size })?
            }
            (At::SizeEnd { size: 0 }, b'\n') => At::TrailerStart,
            (At::SizeEnd { size }, b'\n') => At::Data { left: size },
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => At::Size {
                value: 0,
                digits: 0,
            },
            (At::TrailerStart, b'\r') => At::LastLf,
            (At::TrailerStart, byte) if byte != b'\n' => self.overhead(At::Trailer)?,
            (At::Trailer, b'\r') => At::TrailerLf,
            (At::Trailer, byte) if byte != b'\n' => self.overhead(At::Trailer)?,
            (At::TrailerLf, b'\n') => At::TrailerStart,
            (At::LastLf, b'\n') => return Ok(true),
            _ => return Err(BadResponse::Chunking),
        };
        Ok(false)
    }

    fn overhead(&mut self, next: At) -> Result<At, BadResponse> {
        self.overhead += 1;
        if self.overhead > OVERHEAD_LIMIT {
            return Err(BadResponse::Chunking);
        }
        Ok(next)
    }
}
