//! The chunked transfer coding, whose data is counted and discarded (RFC 9112, section 7.1). A line
//! may end in LF alone, as curl has it.

use super::bad_response::BadResponse;

/// The most bytes that chunk extensions and trailers may have together. They hold nothing that is
/// counted, so a server that sends more would never end.
const OVERHEAD_LIMIT: u32 = 64 * 1024;
/// The most hex digits of a chunk size: 15 digits cannot overflow 64 bits.
const SIZE_DIGITS: u8 = 15;

/// Decodes one chunked body.
#[derive(Debug)]
pub(super) struct ChunkedDecoder {
    state: ChunkState,
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

impl ChunkedDecoder {
    pub fn new() -> ChunkedDecoder {
        ChunkedDecoder {
            state: ChunkState::Size {
                value: 0,
                digits: 0,
            },
            overhead: 0,
        }
    }

    /// Decodes the next bytes and hands on what is data. Returns how many of them belong to the body,
    /// including framing, and whether they include its end.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&[u8]),
    ) -> Result<(usize, bool), BadResponse> {
        let (mut used, mut is_last) = (0, false);
        while !is_last && let Some(&byte) = bytes.get(used) {
            if let ChunkState::Data { left } = self.state {
                let here = left.min((bytes.len() - used) as u64);
                take(&bytes[used..used + here as usize]);
                used += here as usize;
                self.state = match left - here {
                    0 => ChunkState::DataCr,
                    left => ChunkState::Data { left },
                };
            } else {
                used += 1;
                is_last = self.step(byte)?;
            }
        }
        Ok((used, is_last))
    }

    /// Decodes a byte of framing; true if it is the body's last.
    fn step(&mut self, byte: u8) -> Result<bool, BadResponse> {
        self.state = match (self.state, byte) {
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
            (ChunkState::Size { value: 0, .. } | ChunkState::Extension { size: 0 }, b'\n') => {
                ChunkState::TrailerStart
            }
            (ChunkState::Size { value: size, .. } | ChunkState::Extension { size }, b'\n') => {
                ChunkState::Data { left: size }
            }
            (ChunkState::Size { value: size, .. }, b';' | b' ' | b'\t') => {
                self.overhead(ChunkState::Extension { size })?
            }
            (ChunkState::Extension { size }, _) => self.overhead(ChunkState::Extension { size })?,
            (ChunkState::SizeEnd { size: 0 }, b'\n') => ChunkState::TrailerStart,
            (ChunkState::SizeEnd { size }, b'\n') => ChunkState::Data { left: size },
            (ChunkState::DataCr, b'\r') => ChunkState::DataLf,
            (ChunkState::DataCr | ChunkState::DataLf, b'\n') => ChunkState::Size {
                value: 0,
                digits: 0,
            },
            (ChunkState::TrailerStart, b'\r') => ChunkState::LastLf,
            (ChunkState::TrailerStart | ChunkState::LastLf, b'\n') => return Ok(true),
            (ChunkState::TrailerStart, _) => self.overhead(ChunkState::Trailer)?,
            (ChunkState::Trailer, b'\r') => ChunkState::TrailerLf,
            (ChunkState::Trailer | ChunkState::TrailerLf, b'\n') => ChunkState::TrailerStart,
            (ChunkState::Trailer, _) => self.overhead(ChunkState::Trailer)?,
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
