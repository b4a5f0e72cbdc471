//! A client that makes requests, for tests, fuzzing and benchmarks.
use std::net::SocketAddr;

use crate::stun::{Algorithm, Attribute, Class, Key, Message, Method, Seal, TransactionId, Writer};

/// Somebody with a name and a password.
#[derive(Clone, Debug)]
pub struct Caller {
    pub username: String,
    pub password: String,
    pub realm: String,
    pub nonce: Vec<u8>,
    /// Without one, MD5 is used and nothing said of it.
    pub algorithm: Option<Algorithm>,
    pub seal: Seal,
    transactions: u64,
}

impl Caller {
    /// With the old algorithm and SHA-1 until told otherwise.
    pub fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            realm: "turn".to_owned(),
            nonce: Vec::new(),
            algorithm: None,
            seal: Seal::Sha1,
            transactions: 0,
        }
    }

    /// One that this caller has not used.
    pub fn next_transaction(&mut self) -> TransactionId {
        self.transactions += 1;
        let mut id = [0; 12];
        id[4..].copy_from_slice(&self.transactions.to_be_bytes());
        TransactionId(id)
    }

    /// What seals its requests, and the answers to them.
    pub fn key(&self) -> Key {
        let algorithm = self.algorithm.unwrap_or(Algorithm::Md5);
        Key::long_term(algorithm, &self.username, &self.realm, &self.password)
    }

    /// Takes the nonce and the realm of a challenge, as far as they are there.
    pub fn learn(&mut self, challenge: &Message<'_>) {
        if let Some(nonce) = challenge.get(Attribute::NONCE) {
            self.nonce = nonce.to_vec();
        }
        if let Some(realm) = challenge.get(Attribute::REALM) {
            self.realm = String::from_utf8_lossy(realm).into_owned();
        }
    }

    /// A request without credentials.
    pub fn plain(&mut self, method: Method, attributes: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, Class::Request, method, self.next_transaction());
        attributes(&mut writer);
        writer.finish();
        bytes
    }

    /// A request with credentials.
    pub fn sealed(&mut self, method: Method, attributes: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let transaction = self.next_transaction();
        self.sealed_as(transaction, method, attributes)
    }

    /// The same with this transaction, which may be an old one.
    pub fn sealed_as(
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
    pub fn write_credentials(&self, writer: &mut Writer<'_>) {
        writer.attribute(Attribute::USERNAME, self.username.as_bytes());
        writer.attribute(Attribute::REALM, self.realm.as_bytes());
        writer.attribute(Attribute::NONCE, &self.nonce);
        if let Some(algorithm) = self.algorithm {
            writer.attribute(Attribute::PASSWORD_ALGORITHMS, &[0, 2, 0, 0, 0, 1, 0, 0]);
            writer.attribute(Attribute::PASSWORD_ALGORITHM, &[0, algorithm as u8, 0, 0]);
        }
    }

    /// Allocate, for UDP and nothing else.
    pub fn allocate(&mut self) -> Vec<u8> {
        self.sealed(Method::Allocate, |writer| {
            writer.attribute(Attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        })
    }

    /// Refresh, to 0 to end.
    pub fn refresh(&mut self, seconds: u32) -> Vec<u8> {
        self.sealed(Method::Refresh, |writer| {
            writer.number(Attribute::LIFETIME, seconds);
        })
    }

    /// CreatePermission.
    pub fn create_permission(&mut self, peers: &[SocketAddr]) -> Vec<u8> {
        self.sealed(Method::CreatePermission, |writer| {
            for peer in peers {
                writer.xor_address(Attribute::XOR_PEER_ADDRESS, *peer);
            }
        })
    }

    /// ChannelBind.
    pub fn channel_bind(&mut self, number: u16, peer: SocketAddr) -> Vec<u8> {
        self.sealed(Method::ChannelBind, |writer| {
            let [high, low] = number.to_be_bytes();
            writer.attribute(Attribute::CHANNEL_NUMBER, &[high, low, 0, 0]);
            writer.xor_address(Attribute::XOR_PEER_ADDRESS, peer);
        })
    }

    /// A Send indication.
    pub fn send(&mut self, peer: SocketAddr, data: &[u8]) -> Vec<u8> {
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
