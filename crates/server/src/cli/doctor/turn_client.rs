//! The client's side of TURN (RFC 8656): allocate, permit, bind a channel, send, receive, refresh; over UDP with the
//! retransmissions of RFC 8489 §6.2.1, over TCP and TLS framed. With MD5 and SHA-1, as browsers do it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use holdspace_turn::stun::{
    Algorithm, Attribute, Class, Family, Key, Message, Method, Seal, TransactionId, Writer,
};
use holdspace_turn::{Frame, channel_data, next_frame};

use super::connection::Connection;

/// RFC 8489 §6.2.1 begins with 500 ms and doubles; it is given up sooner than there, since somebody waits.
const UDP_WAITS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(2),
];
/// RFC 8489 §6.2.2: streams repeat by themselves.
const STREAM_WAITS: [Duration; 1] = [Duration::from_secs(6)];
/// A challenge, an aged nonce, and one more of these.
const TRIES_MAX: usize = 4;
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// UDP, among the protocol numbers of IP.
const UDP: [u8; 4] = [17, 0, 0, 0];

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum TurnError {
    #[error("{}", super::connection::in_words(.0))]
    Connection(#[from] io::Error),
    #[error("no answer")]
    Silence,
    #[error("{code} {reason}")]
    Refused {
        method: Method,
        code: u16,
        reason: String,
    },
    #[error("{0}")]
    Strange(&'static str),
    /// Everything was granted, and then nothing came through.
    #[error("data was lost")]
    Lost,
}

/// Whose allocation it is. The password is never shown.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) username: String,
    pub(super) password: String,
}

/// How messages travel.
#[derive(Debug)]
pub(super) enum Wire {
    /// Connected to the server.
    Udp(UdpSocket),
    Stream {
        connection: Connection,
        received: Vec<u8>,
    },
}

/// One client and its allocation.
pub(super) struct TurnClient {
    wire: Wire,
    login: Login,
    /// Realm and nonce of the last challenge.
    challenge: Option<(String, Vec<u8>)>,
    is_allocated: bool,
}

impl Wire {
    /// A socket of its own towards the first address to which there is a way.
    pub(super) fn udp(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for server in addresses {
            match towards(*server) {
                Ok(socket) => return Ok(Self::Udp(socket)),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    pub(super) fn stream(connection: Connection) -> Self {
        Self::Stream {
            connection,
            received: Vec::new(),
        }
    }

    /// Asks for the own address as the server sees it (RFC 8489 §2).
    pub(super) fn mapped_address(&mut self) -> Result<SocketAddr, TurnError> {
        let transaction = random_transaction()?;
        let mut request = Vec::new();
        Writer::new(&mut request, Class::Request, Method::Binding, transaction).finish();
        let answer = self.exchange(&request, transaction)?;
        let message = Message::parse(&answer).map_err(|_| NO_STUN)?;
        let mapped = message.xor_address(Attribute::XOR_MAPPED_ADDRESS);
        mapped.ok_or(TurnError::Strange("its answer tells no address"))
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.send(bytes).map(drop),
            Self::Stream { connection, .. } => {
                connection.set_deadline(Instant::now() + STREAM_WAITS[0]);
                connection.write_all(bytes)?;
                connection.flush()
            }
        }
    }

    /// The next message until `deadline`, without padding.
    fn receive(&mut self, deadline: Instant) -> Result<Option<Vec<u8>>, TurnError> {
        match self {
            Self::Udp(socket) => Ok(receive_datagram(socket, deadline)?),
            Self::Stream {
                connection,
                received,
            } => receive_frame(connection, received, deadline),
        }
    }

    /// Sends a request until its answer comes.
    fn exchange(
        &mut self,
        request: &[u8],
        transaction: TransactionId,
    ) -> Result<Vec<u8>, TurnError> {
        let waits: &[Duration] = match self {
            Self::Udp(_) => &UDP_WAITS,
            Self::Stream { .. } => &STREAM_WAITS,
        };
        for wait in waits {
            self.send(request)?;
            let deadline = Instant::now() + *wait;
            while let Some(message) = self.receive(deadline)? {
                if is_answer(&message, transaction) {
                    return Ok(message);
                }
            }
        }
        Err(TurnError::Silence)
    }
}

const NO_STUN: TurnError = TurnError::Strange("what answers there is no STUN server");

fn towards(server: SocketAddr) -> io::Result<UdpSocket> {
    let unspecified = if server.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(unspecified)?;
    socket.connect(server)?;
    Ok(socket)
}

fn receive_datagram(socket: &UdpSocket, deadline: Instant) -> io::Result<Option<Vec<u8>>> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Ok(None);
    }
    socket.set_read_timeout(Some(left))?;
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    match socket.recv(&mut buffer) {
        Ok(length) => {
            buffer.truncate(length);
            Ok(Some(buffer))
        }
        Err(error) if is_timeout(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn receive_frame(
    connection: &mut Connection,
    received: &mut Vec<u8>,
    deadline: Instant,
) -> Result<Option<Vec<u8>>, TurnError> {
    connection.set_deadline(deadline);
    loop {
        match next_frame(received) {
            Ok(Frame::Whole { message, taken }) => {
                let message = message.to_vec();
                received.drain(..taken);
                return Ok(Some(message));
            }
            Ok(Frame::Partial { .. }) => {}
            Err(_) => return Err(NO_STUN),
        }
        let mut buffer = [0; 4096];
        match connection.read(&mut buffer) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Ok(length) => received.extend_from_slice(&buffer[..length]),
            Err(error) if is_timeout(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

fn is_answer(bytes: &[u8], transaction: TransactionId) -> bool {
    Message::parse(bytes).is_ok_and(|message| {
        matches!(message.class(), Class::Success | Class::Error)
            && message.transaction() == transaction
    })
}

fn random_transaction() -> io::Result<TransactionId> {
    let mut id = [0; 12];
    getrandom::fill(&mut id).map_err(io::Error::other)?;
    Ok(TransactionId(id))
}

impl TurnClient {
    pub(super) fn new(wire: Wire, login: Login) -> Self {
        Self {
            wire,
            login,
            challenge: None,
            is_allocated: false,
        }
    }

    /// Gets a relayed address: of IPv4, or of IPv6 where the relay has no other.
    pub(super) fn allocate(&mut self) -> Result<SocketAddr, TurnError> {
        let answer = match self.try_allocate(None) {
            // RFC 8656 §7.2: what is not asked for is IPv4.
            Err(TurnError::Refused { code: 440, .. }) => self.try_allocate(Some(Family::Ipv6)),
            other => other,
        }?;
        self.is_allocated = true;
        let message = Message::parse(&answer).map_err(|_| NO_STUN)?;
        let relayed = message.xor_address(Attribute::XOR_RELAYED_ADDRESS);
        relayed.ok_or(TurnError::Strange("its answer tells no relayed address"))
    }

    fn try_allocate(&mut self, family: Option<Family>) -> Result<Vec<u8>, TurnError> {
        self.request(Method::Allocate, &|writer| {
            writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
            if let Some(family) = family {
                let value = [family as u8, 0, 0, 0];
                writer.attribute(Attribute::REQUESTED_ADDRESS_FAMILY, &value);
            }
        })
    }

    /// Lets `peer` send to the relayed address.
    pub(super) fn permit(&mut self, peer: SocketAddr) -> Result<(), TurnError> {
        self.request(Method::CreatePermission, &|writer| {
            writer.xor_address(Attribute::XOR_PEER_ADDRESS, peer);
        })
        .map(drop)
    }

    /// Gives `peer` a channel.
    pub(super) fn bind(&mut self, number: u16, peer: SocketAddr) -> Result<(), TurnError> {
        let [high, low] = number.to_be_bytes();
        self.request(Method::ChannelBind, &|writer| {
            writer.attribute(Attribute::CHANNEL_NUMBER, &[high, low, 0, 0]);
            writer.xor_address(Attribute::XOR_PEER_ADDRESS, peer);
        })
        .map(drop)
    }

    /// Ends the allocation, if there is one.
    pub(super) fn release(&mut self) -> Result<(), TurnError> {
        if !self.is_allocated {
            return Ok(());
        }
        self.request(Method::Refresh, &|writer| {
            writer.number(Attribute::LIFETIME, 0);
        })
        .map(drop)
    }

    /// Sends by a channel.
    pub(super) fn send(&mut self, number: u16, data: &[u8]) -> Result<(), TurnError> {
        let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
        let mut bytes = channel_data::header(number, length).to_vec();
        bytes.extend_from_slice(data);
        if matches!(self.wire, Wire::Stream { .. }) {
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        Ok(self.wire.send(&bytes)?)
    }

    /// Whether `data` comes by a channel until `deadline`.
    pub(super) fn receives(
        &mut self,
        number: u16,
        data: &[u8],
        deadline: Instant,
    ) -> Result<bool, TurnError> {
        while let Some(message) = self.wire.receive(deadline)? {
            if channel_data::parse(&message) == Some((number, data)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A request with its answer, which must be a success that the server sealed.
    fn request(
        &mut self,
        method: Method,
        attributes: &dyn Fn(&mut Writer<'_>),
    ) -> Result<Vec<u8>, TurnError> {
        let mut refusal = TurnError::Silence;
        for _ in 0..TRIES_MAX {
            let transaction = random_transaction()?;
            let request = self.write(method, transaction, attributes);
            let answer = self.wire.exchange(&request, transaction)?;
            let message = Message::parse(&answer).map_err(|_| NO_STUN)?;
            if message.class() == Class::Success {
                return match self.key() {
                    Some(key) if !message.is_sealed_by(&key) => Err(TurnError::Strange(
                        "its answer is not sealed with the credential's password",
                    )),
                    _ => Ok(answer),
                };
            }
            let (code, reason) = error_of(&message);
            refusal = TurnError::Refused {
                method,
                code,
                reason,
            };
            // RFC 8489 §9.2.5: the first 401 tells realm and nonce, a 438 another nonce.
            if !(code == 438 || code == 401 && self.challenge.is_none()) || !self.learn(&message) {
                break;
            }
        }
        Err(refusal)
    }

    fn write(
        &self,
        method: Method,
        transaction: TransactionId,
        attributes: &dyn Fn(&mut Writer<'_>),
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, Class::Request, method, transaction);
        attributes(&mut writer);
        if let (Some((realm, nonce)), Some(key)) = (&self.challenge, self.key()) {
            writer
                .attribute(Attribute::USERNAME, self.login.username.as_bytes())
                .attribute(Attribute::REALM, realm.as_bytes())
                .attribute(Attribute::NONCE, nonce)
                .seal(Seal::Sha1, &key);
        }
        writer.finish();
        bytes
    }

    fn learn(&mut self, message: &Message<'_>) -> bool {
        let realm = message.get(Attribute::REALM).map(<[u8]>::to_vec);
        let realm = realm.and_then(|realm| String::from_utf8(realm).ok());
        let nonce = message.get(Attribute::NONCE).map(<[u8]>::to_vec);
        self.challenge = realm.zip(nonce);
        self.challenge.is_some()
    }

    fn key(&self) -> Option<Key> {
        let (realm, _) = self.challenge.as_ref()?;
        let Login { username, password } = &self.login;
        Some(Key::long_term(Algorithm::Md5, username, realm, password))
    }
}

/// Number and phrase of ERROR-CODE (RFC 8489 §14.8). The phrase is the server's; only plain letters of it are kept.
fn error_of(message: &Message<'_>) -> (u16, String) {
    let Some(&[_, _, class, number, ref phrase @ ..]) = message.get(Attribute::ERROR_CODE) else {
        return (0, String::new());
    };
    let phrase = String::from_utf8_lossy(phrase);
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == ' ';
    let phrase = phrase.chars().filter(is_plain).take(60).collect();
    (u16::from(class & 7) * 100 + u16::from(number), phrase)
}
