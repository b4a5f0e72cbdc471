//! A client's side of the protocol: makes requests, reads responses.
use std::net::SocketAddr;

use holdspace_turn::stun::{
    Algorithm, Attribute, Class, Key, Message, Method, Seal, TransactionId, Writer,
};

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

/// Somebody with a name and a password.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) nonce: Vec<u8>,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) seal: Seal,
    transactions: u64,
}

impl Caller {
    pub(crate) fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            nonce: Vec::new(),
            algorithm: None,
            seal: Seal::Sha1,
            transactions: 0,
        }
    }

    pub(crate) fn next_transaction(&mut self) -> TransactionId {
        self.transactions += 1;
        let mut id = [0; 12];
        id[4..].copy_from_slice(&self.transactions.to_be_bytes());
        TransactionId(id)
    }

    pub(crate) fn key(&self) -> Key {
        let algorithm = self.algorithm.unwrap_or(Algorithm::Md5);
        Key::long_term(algorithm, &self.username, REALM, &self.password)
    }

    /// Takes what a challenge offers.
    pub(crate) fn learn(&mut self, response: &Response) {
        self.nonce = response
            .get(Attribute::NONCE)
            .expect("a challenge has a nonce");
        assert_eq!(response.get(Attribute::REALM).unwrap(), REALM.as_bytes());
    }

    /// A request without credentials.
    pub(crate) fn plain(
        &mut self,
        method: Method,
        attributes: impl FnOnce(&mut Writer<'_>),
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, Class::Request, method, self.next_transaction());
        attributes(&mut writer);
        writer.finish();
        bytes
    }

    /// A request with credentials.
    pub(crate) fn sealed(
        &mut self,
        method: Method,
        attributes: impl FnOnce(&mut Writer<'_>),
    ) -> Vec<u8> {
        let transaction = self.next_transaction();
        self.sealed_as(transaction, method, attributes)
    }

    pub(crate) fn sealed_as(
        &self,
        transaction: TransactionId,
        method: Method,
        attributes: impl FnOnce(&mut Writer<'_>),
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, Class::Request, method, transaction);
        attributes(&mut writer);
        self.write_credentials(&mut writer);
        writer.seal(self.seal, &self.key());
        writer.finish();
        bytes
    }

    /// All but the seal.
    pub(crate) fn write_credentials(&self, writer: &mut Writer<'_>) {
        writer.attribute(Attribute::USERNAME, self.username.as_bytes());
        writer.attribute(Attribute::REALM, REALM.as_bytes());
        writer.attribute(Attribute::NONCE, &self.nonce);
        if let Some(algorithm) = self.algorithm {
            writer.attribute(Attribute::PASSWORD_ALGORITHMS, &[0, 2, 0, 0, 0, 1, 0, 0]);
            writer.attribute(Attribute::PASSWORD_ALGORITHM, &[0, algorithm as u8, 0, 0]);
        }
    }

    pub(crate) fn allocate(&mut self) -> Vec<u8> {
        self.sealed(Method::Allocate, |writer| {
            writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
        })
    }

    pub(crate) fn refresh(&mut self, seconds: u32) -> Vec<u8> {
        self.sealed(Method::Refresh, |writer| {
            writer.number(Attribute::LIFETIME, seconds);
        })
    }

    pub(crate) fn create_permission(&mut self, peers: &[SocketAddr]) -> Vec<u8> {
        self.sealed(Method::CreatePermission, |writer| {
            for peer in peers {
                writer.xor_address(Attribute::XOR_PEER_ADDRESS, *peer);
            }
        })
    }

    pub(crate) fn channel_bind(&mut self, number: u16, peer: SocketAddr) -> Vec<u8> {
        self.sealed(Method::ChannelBind, |writer| {
            let [high, low] = number.to_be_bytes();
            writer.attribute(Attribute::CHANNEL_NUMBER, &[high, low, 0, 0]);
            writer.xor_address(Attribute::XOR_PEER_ADDRESS, peer);
        })
    }

    pub(crate) fn send(&mut self, peer: SocketAddr, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(
            &mut bytes,
            Class::Indication,
            Method::Send,
            self.next_transaction(),
        );
        writer
            .xor_address(Attribute::XOR_PEER_ADDRESS, peer)
            .attribute(Attribute::DATA, data);
        writer.finish();
        bytes
    }
}

/// ChannelData without padding.
pub(crate) fn channel_data(number: u16, data: &[u8]) -> Vec<u8> {
    let header = holdspace_turn::channel_data::header(number, u16::try_from(data.len()).unwrap());
    [&header[..], data].concat()
}
