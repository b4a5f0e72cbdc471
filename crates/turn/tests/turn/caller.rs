//! A client's side of the protocol: what it reads, and what it sends beside requests.
use std::net::SocketAddr;

pub(crate) use holdspace_turn::Caller;
use holdspace_turn::stun::{Attribute, Class, Message, Method};

pub(crate) const REALM: &str = "turn";
pub(crate) const UDP: [u8; 4] = [17, 0, 0, 0];

/// What a response says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) class: Class,
    pub(crate) method: Method,
    pub(crate) bytes: Vec<u8>,
}

impl Response {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let message = Message::parse(bytes).expect("a response is a message");
        Self {
            class: message.class(),
            method: message.method(),
            bytes: bytes.to_vec(),
        }
    }

    pub(crate) fn message(&self) -> Message<'_> {
        Message::parse(&self.bytes).unwrap()
    }

    pub(crate) fn get(&self, kind: Attribute) -> Option<Vec<u8>> {
        self.message().get(kind).map(<[u8]>::to_vec)
    }

    /// The error's number; 0 for a success.
    pub(crate) fn code(&self) -> u16 {
        self.get(Attribute::ERROR_CODE)
            .map_or(0, |value| u16::from(value[2]) * 100 + u16::from(value[3]))
    }

    pub(crate) fn address(&self, kind: Attribute) -> Option<SocketAddr> {
        self.message().xor_address(kind)
    }

    pub(crate) fn relayed(&self) -> SocketAddr {
        self.address(Attribute::XOR_RELAYED_ADDRESS)
            .expect("an allocation has an address")
    }

    pub(crate) fn lifetime(&self) -> u32 {
        u32::from_be_bytes(self.get(Attribute::LIFETIME).unwrap().try_into().unwrap())
    }
}

/// ChannelData without padding.
pub(crate) fn channel_data(number: u16, data: &[u8]) -> Vec<u8> {
    let header = holdspace_turn::channel_data::header(number, u16::try_from(data.len()).unwrap());
    [&header[..], data].concat()
}
