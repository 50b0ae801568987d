//! The chunked transfer coding, counted and thrown away (RFC 9112, section 7.1).

use super::bad_response::BadResponse;

/// Chunk extensions and trailers together may take this many bytes; they carry nothing that is
/// counted, so more than this is a server that never ends.
const OVERHEAD_LIMIT: u32 = 64 * 1024;
/// Hex digits of a chunk size: 15 of them cannot overflow 64 bits.
const SIZE_DIGITS: u8 = 15;

/// Where in a chunked body the reader is.
#[derive(Debug)]
pub(super) struct ChunkedDecoder {
    at: ChunkState,
    overhead: u32,
}

#[derive(Clone, Copy, Debug)]
enum ChunkState {
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
pub(super) struct DecodedBytes {
    /// How many belonged to the body, framing included.
    pub used: usize,
    /// How many of these were data.
    pub data: u64,
    /// Whether the last chunk and the trailers were among them.
    pub done: bool,
}

impl ChunkedDecoder {
    pub fn new() -> ChunkedDecoder {
        ChunkedDecoder {
            at: ChunkState::Size {
                value: 0,
                digits: 0,
            },
            overhead: 0,
        }
    }

    /// Reads on.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<DecodedBytes, BadResponse> {
        let (mut used, mut data) = (0, 0);
        while let Some(&byte) = bytes.get(used) {
            if let ChunkState::Data { left } = self.at {
                let here = left.min((bytes.len() - used) as u64);
                used += here as usize;
                data += here;
                self.at = match left - here {
                    0 => ChunkState::DataCr,
                    left => ChunkState::Data { left },
                };
                continue;
            }
            used += 1;
            if self.step(byte)? {
                let done = true;
                return Ok(DecodedBytes { used, data, done });
            }
        }
        let done = false;
        Ok(DecodedBytes { used, data, done })
    }

    /// One byte of framing; true on the very last.
    fn step(&mut self, byte: u8) -> Result<bool, BadResponse> {
        self.at = match (self.at, byte) {
            (ChunkState::Size { value, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                if digits == SIZE_DIGITS {
                    return Err(BadResponse::Chunking);
                }
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                ChunkState::Size {
                    value: value << 4 | u64::from(digit),
                    digits: digits + 1,
                }
            }
            (ChunkState::Size { digits: 0, .. }, _) => return Err(BadResponse::Chunking),
            (ChunkState::Size { value: size, .. } | ChunkState::Extension { size }, b'\r') => {
                ChunkState::SizeEnd { size }
            }
            (ChunkState::Size { value: size, .. }, b';' | b' ' | b'\t') => {
                self.overhead(ChunkState::Extension { size })?
            }
            (ChunkState::Extension { size }, byte) if byte != b'\n' => {
                self.overhead(ChunkState::Extension { size })?
            }
            (ChunkState::SizeEnd { size: 0 }, b'\n') => ChunkState::TrailerStart,
            (ChunkState::SizeEnd { size }, b'\n') => ChunkState::Data { left: size },
            (ChunkState::DataCr, b'\r') => ChunkState::DataLf,
            (ChunkState::DataLf, b'\n') => ChunkState::Size {
                value: 0,
                digits: 0,
            },
            (ChunkState::TrailerStart, b'\r') => ChunkState::LastLf,
            (ChunkState::TrailerStart, byte) if byte != b'\n' => {
                self.overhead(ChunkState::Trailer)?
            }
            (ChunkState::Trailer, b'\r') => ChunkState::TrailerLf,
            (ChunkState::Trailer, byte) if byte != b'\n' => self.overhead(ChunkState::Trailer)?,
            (ChunkState::TrailerLf, b'\n') => ChunkState::TrailerStart,
            (ChunkState::LastLf, b'\n') => return Ok(true),
            _ => return Err(BadResponse::Chunking),
        };
        Ok(false)
    }

    fn overhead(&mut self, next: ChunkState) -> Result<ChunkState, BadResponse> {
        self.overhead += 1;
        if self.overhead > OVERHEAD_LIMIT {
            return Err(BadResponse::Chunking);
        }
        Ok(next)
    }
}
