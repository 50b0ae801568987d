//! A zip archive of one small text file, for use as a function's code. Stored without compression,
//! which needs no library.

use flate2::Crc;

/// The archive (PKWARE's APPNOTE 6.3: local header, content, central directory, end record).
/// The same content gives the same bytes. The file is readable by all, as Lambda requires.
pub(super) fn archive(name: &str, content: &str) -> Vec<u8> {
    let content = content.as_bytes();
    // Names and stubs are a few hundred bytes: these never saturate.
    let size = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let name_size = u16::try_from(name.len()).unwrap_or(u16::MAX);
    let mut checksum = Crc::new();
    checksum.update(content);
    let mut common = Vec::new();
    common.extend(20u16.to_le_bytes()); // version needed: 2.0
    common.extend(0u16.to_le_bytes()); // flags
    common.extend(0u16.to_le_bytes()); // stored
    common.extend(0u16.to_le_bytes()); // 00:00
    common.extend(0x21u16.to_le_bytes()); // 1980-01-01, the earliest that zip can say
    common.extend(checksum.sum().to_le_bytes());
    common.extend(size.to_le_bytes());
    common.extend(size.to_le_bytes());
    common.extend(name_size.to_le_bytes());
    common.extend(0u16.to_le_bytes()); // no extra field

    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend(&common);
    zip.extend(name.as_bytes());
    zip.extend(content);

    let directory_at = u32::try_from(zip.len()).unwrap_or(u32::MAX);
    zip.extend(b"PK\x01\x02");
    zip.extend([20, 3]); // made on Unix, so that the mode below counts
    zip.extend(&common);
    zip.extend([0; 2 * 3]); // no comment, first disk, binary
    zip.extend((0o100_644u32 << 16).to_le_bytes());
    zip.extend(0u32.to_le_bytes()); // the local header is at the start
    zip.extend(name.as_bytes());
    let directory_size = u32::try_from(zip.len()).unwrap_or(u32::MAX) - directory_at;

    zip.extend(b"PK\x05\x06");
    zip.extend([0; 4]); // one disk
    zip.extend([1, 0, 1, 0]); // one file
    zip.extend(directory_size.to_le_bytes());
    zip.extend(directory_at.to_le_bytes());
    zip.extend([0; 2]); // no comment
    zip
}
