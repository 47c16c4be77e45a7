//! Version 4 of the protocol, as far as one needs it to know what is asked and to answer with an error.
//! <https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v4.spec>

use std::collections::HashMap;
use std::io::{Error, ErrorKind, Read, Result};

pub const QUERY: u8 = 0x07;
pub const PREPARE: u8 = 0x09;
pub const EXECUTE: u8 = 0x0a;
pub const BATCH: u8 = 0x0d;
const ERROR: u8 = 0x00;
const SUPPORTED: u8 = 0x06;
const RESULT: u8 = 0x08;

/// The texts of prepared statements, by id.
pub type Prepared = HashMap<Vec<u8>, String>;

/// Version, flags, stream, opcode, length; and a body of that length.
pub struct Frame(Vec<u8>);

impl Frame {
    pub fn read(from: &mut impl Read) -> Result<Self> {
        let mut frame = vec![0; 9];
        from.read_exact(&mut frame)?;
        // Version 5 wraps its frames in others.
        if frame[0] & 0x7f != 4 {
            return Err(Error::new(ErrorKind::InvalidData, "this is not version 4 of the protocol"));
        }
        let length = u32::from_be_bytes(frame[5..9].try_into().expect("four bytes"));
        frame.resize(9 + usize::try_from(length).expect("it fits"), 0);
        from.read_exact(&mut frame[9..])?;
        Ok(Self(frame))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn stream(&self) -> i16 {
        i16::from_be_bytes([self.0[2], self.0[3]])
    }

    pub fn opcode(&self) -> u8 {
        self.0[4]
    }

    fn body(&self) -> Body<'_> {
        Body(&self.0[9..])
    }

    /// The statement that is to be prepared.
    pub fn prepares(&self) -> Option<String> {
        (self.opcode() == PREPARE).then(|| self.body().long_text())
    }

    /// The id that a statement got which was prepared.
    pub fn prepared(&self) -> Option<Vec<u8>> {
        let mut body = self.body();
        if self.0[1] & 0x02 != 0 {
            body.take(16);
        }
        if self.0[1] & 0x08 != 0 {
            for _ in 0..body.short() {
                body.short_bytes();
            }
        }
        (self.opcode() == RESULT && body.int() == 4).then(|| body.short_bytes().to_vec())
    }

    /// What is asked: the text of a statement, of a batch all of them.
    pub fn asks(&self, prepared: &Prepared) -> Option<String> {
        let by_id = |id: &[u8]| prepared.get(id).cloned().unwrap_or_default();
        let mut body = self.body();
        match self.opcode() {
            QUERY => Some(body.long_text()),
            EXECUTE => Some(by_id(body.short_bytes())),
            BATCH => {
                body.take(1);
                let each = (0..body.short()).map(|_| {
                    let text = match body.take(1)[0] {
                        0 => body.long_text(),
                        _ => by_id(body.short_bytes()),
                    };
                    for _ in 0..body.short() {
                        // Null and unset are negative.
                        let length = usize::try_from(body.int()).unwrap_or(0);
                        body.take(length);
                    }
                    text
                });
                Some(each.collect::<Vec<_>>().join("; "))
            }
            _ => None,
        }
    }

    /// A ScyllaDB says where else it can be reached, past the proxy.
    pub fn keep_to_this_port(&mut self) {
        let name = b"SCYLLA_SHARD_AWARE_PORT";
        if self.opcode() == SUPPORTED {
            while let Some(at) = self.0.windows(name.len()).position(|part| part == name) {
                self.0[at] = b'_';
            }
        }
    }
}

/// What a server answers that does not do what it was asked.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Server(&'static str),
    Unavailable,
    Overloaded,
    Bootstrapping,
    /// Of a conditional statement, with too few answers.
    WriteTimeout,
    /// Of what is read with it, too.
    ReadTimeout,
    Config(&'static str),
    /// It does not know the statement that was prepared.
    Unprepared,
}

impl Answer {
    /// To a request.
    pub fn to(self, request: &Frame) -> Vec<u8> {
        let (serial, cas): (&[u8], &[u8]) = (&[0, 8], b"\x00\x03CAS");
        let (code, message, more): (i32, _, Vec<u8>) = match self {
            Self::Server(message) => (0x0000, message, vec![]),
            Self::Unavailable => (
                0x1000,
                "Cannot achieve consistency level QUORUM",
                [&[0, 4], &[0, 0, 0, 2, 0, 0, 0, 1][..]].concat(),
            ),
            Self::Overloaded => (0x1001, "Too many in-flight hints", vec![]),
            Self::Bootstrapping => (0x1002, "Cannot read from a bootstrapping node", vec![]),
            Self::WriteTimeout => (
                0x1100,
                "Operation timed out - received only 1 responses.",
                [serial, &[0, 0, 0, 1, 0, 0, 0, 2], cas].concat(),
            ),
            Self::ReadTimeout => (
                0x1200,
                "Operation timed out - received only 1 responses.",
                [serial, &[0, 0, 0, 1, 0, 0, 0, 2, 0]].concat(),
            ),
            Self::Config(message) => (0x2300, message, vec![]),
            Self::Unprepared => {
                let id = request.body().short_bytes().to_vec();
                let length = u16::try_from(id.len()).expect("it came with such a length").to_be_bytes();
                (0x2500, "Prepared query not found", [&length[..], &id].concat())
            }
        };
        let length = u16::try_from(message.len()).expect("a short message").to_be_bytes();
        let body = [&code.to_be_bytes()[..], &length, message.as_bytes(), &more].concat();
        let stream = request.stream().to_be_bytes();
        let length = u32::try_from(body.len()).expect("a short message").to_be_bytes();
        [&[0x84, 0, stream[0], stream[1], ERROR][..], &length, &body].concat()
    }
}

/// What is left of one.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, left) = self.0.split_at(length);
        self.0 = left;
        taken
    }

    fn short(&mut self) -> usize {
        u16::from_be_bytes(self.take(2).try_into().expect("two bytes")).into()
    }

    fn int(&mut self) -> i32 {
        i32::from_be_bytes(self.take(4).try_into().expect("four bytes"))
    }

    fn short_bytes(&mut self) -> &'a [u8] {
        let length = self.short();
        self.take(length)
    }

    fn long_text(&mut self) -> String {
        let length = usize::try_from(self.int()).expect("not negative");
        String::from_utf8_lossy(self.take(length)).into_owned()
    }
}
