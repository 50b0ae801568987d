//! Protocol Buffers, as far as the agent's payloads need them: fields of a message in turn.
//!
//! Source: "Encoding" of the Protocol Buffers documentation. Groups, which no payload has, are
//! refused; fields of other numbers are left out, as newer agents may send them.

/// A message that is none, or not the one that its path promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot decode the protobuf payload: {0}")]
pub(super) struct ProtobufError(pub(super) &'static str);

const CUT: ProtobufError = ProtobufError("it is cut short");

/// A field's value, still encoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// The fields of a message, in the order that they were written.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

pub(super) fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Wire<'a>), ProtobufError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = field(&mut self.rest);
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

fn field<'a>(rest: &mut &'a [u8]) -> Result<(u64, Wire<'a>), ProtobufError> {
    let tag = varint(rest)?;
    let wire = match tag & 7 {
        0 => Wire::Varint(varint(rest)?),
        1 => Wire::Fixed64(u64::from_le_bytes(taken(rest)?)),
        2 => {
            let length = usize::try_from(varint(rest)?).map_err(|_| CUT)?;
            let (bytes, after) = rest.split_at_checked(length).ok_or(CUT)?;
            *rest = after;
            Wire::Bytes(bytes)
        }
        5 => Wire::Fixed32(u32::from_le_bytes(taken(rest)?)),
        _ => return Err(ProtobufError("a field has a wire type that is not used")),
    };
    Ok((tag >> 3, wire))
}

fn taken<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ProtobufError> {
    let (bytes, after) = rest.split_first_chunk().ok_or(CUT)?;
    *rest = after;
    Ok(*bytes)
}

fn varint(rest: &mut &[u8]) -> Result<u64, ProtobufError> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().ok_or(CUT)?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(ProtobufError("a number is longer than 64 bits"))
}

impl<'a> Wire<'a> {
    pub(super) fn bytes(self) -> Result<&'a [u8], ProtobufError> {
        match self {
            Wire::Bytes(bytes) => Ok(bytes),
            _ => Err(ProtobufError("expected a message or a text")),
        }
    }

    pub(super) fn text(self) -> Result<String, ProtobufError> {
        let text = std::str::from_utf8(self.bytes()?);
        text.map(str::to_owned)
            .map_err(|_| ProtobufError("a text is not UTF-8"))
    }

    pub(super) fn integer(self) -> Result<u64, ProtobufError> {
        match self {
            Wire::Varint(number) => Ok(number),
            _ => Err(ProtobufError("expected an integer")),
        }
    }

    pub(super) fn double(self) -> Result<f64, ProtobufError> {
        self.fixed().map(f64::from_bits)
    }

    /// Eight bytes, whatever they mean.
    pub(super) fn fixed(self) -> Result<u64, ProtobufError> {
        match self {
            Wire::Fixed64(bits) => Ok(bits),
            _ => Err(ProtobufError("expected eight bytes")),
        }
    }

    /// The integers of a repeated field, packed or single.
    pub(super) fn integers(self, into: &mut Vec<u64>) -> Result<(), ProtobufError> {
        match self {
            Wire::Bytes(mut packed) => {
                while !packed.is_empty() {
                    into.push(varint(&mut packed)?);
                }
                Ok(())
            }
            single => {
                into.push(single.integer()?);
                Ok(())
            }
        }
    }

    /// An entry of a map with texts as keys: the key, and the value as it is encoded.
    pub(super) fn entry(self) -> Result<(String, Option<Wire<'a>>), ProtobufError> {
        let (mut key, mut value) = (String::new(), None);
        for field in fields(self.bytes()?) {
            match field? {
                (1, wire) => key = wire.text()?,
                (2, wire) => value = Some(wire),
                _ => {}
            }
        }
        Ok((key, value))
    }
}

/// `sint32` and `sint64` as integers.
pub(super) fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_wire_type_is_read() {
        // The documentation's own example (150), a text, a double, a float.
        let message = [
            0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x19, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x25, 1,
            0, 0, 0,
        ];
        let read: Vec<_> = fields(&message).collect::<Result<_, _>>().unwrap();
        assert_eq!(
            read,
            [
                (1, Wire::Varint(150)),
                (2, Wire::Bytes(b"hi")),
                (3, Wire::Fixed64(1.5_f64.to_bits())),
                (4, Wire::Fixed32(1)),
            ]
        );
        assert_eq!([0, 1, 2, 3].map(zigzag), [0, -1, 1, -2]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            for field in fields(&bytes).flatten() {
                let _ = (field.1.entry(), field.1.integers(&mut Vec::new()));
            }
        }
    }
}
