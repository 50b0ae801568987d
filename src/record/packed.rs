//! Histograms as `histograms.hlog` has them: HdrHistogram's V2 encoding, compressed.

use std::io::{self, Write};

use flate2::{Compress, Compression, FlushCompress, Status};
use hdrhistogram::{
    Counter, Histogram,
    serialization::{Serializer, V2DeflateSerializeError, V2Serializer},
};

/// What the compressed encoding begins with (HdrHistogram's Java library,
/// `AbstractHistogram.getCompressedEncodingCookie`).
pub(super) const COOKIE: u32 = 0x1c84_9314;

/// Writes the same as `V2DeflateSerializer`. That one allocates a compressor of 380 KB for each
/// histogram. Done several times a second among growing histograms, this fragments the heap, and a
/// run of some minutes takes megabytes more than it uses.
pub(super) struct PackedSerializer {
    plain: Vec<u8>,
    packed: Vec<u8>,
    encoder: V2Serializer,
    compressor: Compress,
}

impl PackedSerializer {
    /// One that has its memory.
    pub fn new() -> PackedSerializer {
        PackedSerializer {
            plain: Vec::new(),
            packed: Vec::new(),
            encoder: V2Serializer::new(),
            compressor: Compress::new(Compression::default(), true),
        }
    }

    fn compress(&mut self) -> io::Result<()> {
        self.compressor.reset();
        loop {
            let done = usize::try_from(self.compressor.total_in()).unwrap_or(usize::MAX);
            let rest = self.plain.get(done..).unwrap_or_default();
            self.packed.reserve(rest.len() / 2 + 64);
            let packed = &mut self.packed;
            let finish = FlushCompress::Finish;
            if self.compressor.compress_vec(rest, packed, finish)? == Status::StreamEnd {
                return Ok(());
            }
        }
    }
}

impl Serializer for PackedSerializer {
    type SerializeError = V2DeflateSerializeError;

    fn serialize<T: Counter, W: Write>(
        &mut self,
        histogram: &Histogram<T>,
        writer: &mut W,
    ) -> Result<usize, V2DeflateSerializeError> {
        self.plain.clear();
        self.encoder
            .serialize(histogram, &mut self.plain)
            .map_err(V2DeflateSerializeError::InternalSerializationError)?;
        self.packed.clear();
        self.packed.extend_from_slice(&COOKIE.to_be_bytes());
        self.packed.extend_from_slice(&[0; 4]);
        self.compress()?;
        // A histogram of every bucket from 1 µs to 1 h is far below 4 GiB.
        let length = u32::try_from(self.packed.len() - 8).unwrap_or(u32::MAX);
        self.packed[4..8].copy_from_slice(&length.to_be_bytes());
        writer.write_all(&self.packed)?;
        Ok(self.packed.len())
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::{Deserializer, V2DeflateSerializer};

    use super::*;
    use crate::stats;

    #[test]
    fn one_histogram_after_the_other_is_written_as_the_librarys_own_serializer_writes_it() {
        let mut ours = PackedSerializer::new();
        // None, one, and many values all over: what is hard to compress comes before what is not.
        for count in [0, 1, 60_000, 3, 2_000] {
            let mut histogram = stats::histogram();
            for n in 0..count {
                let micros = (n * 7_919 + n * n % 104_729) % 3_600_000_000 + 1;
                stats::record(&mut histogram, micros, n % 5 + 1);
            }
            let (mut packed, mut library) = (Vec::new(), Vec::new());
            let length = ours.serialize(&histogram, &mut packed).expect("written");
            assert_eq!(length, packed.len());
            let mut theirs = V2DeflateSerializer::new();
            theirs.serialize(&histogram, &mut library).expect("written");
            assert_eq!(packed, library, "{count}");
            let read: Histogram<u64> = Deserializer::new()
                .deserialize(&mut packed.as_slice())
                .expect("it reads");
            assert_eq!(read, histogram, "{count}");
        }
    }
}
