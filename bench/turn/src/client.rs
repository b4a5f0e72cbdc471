//! A client with an allocation and a channel to the peer.
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, ensure};
use holdspace_turn::stun::{Attribute, Class, Message, Method, Writer};
use holdspace_turn::{Caller as Person, Credentials, SharedSecrets, channel_data};

use crate::subject::{Kind, SECRET, Subject};

pub(crate) const REALM: &str = "bench";
pub(crate) const CHANNEL: u16 = 0x4000;
const PATIENCE: Duration = Duration::from_secs(1);

/// A socket whose packets reach the peer.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) socket: UdpSocket,
    /// What goes before the data on the client's side.
    pub(crate) header_bytes: usize,
    /// Where the peer sends to.
    pub(crate) relayed: SocketAddr,
}

/// True when a Binding request, or anything at all for the forwarder, gets through.
pub(crate) fn is_answering(subject: &Subject) -> bool {
    let try_it = || -> Result<()> {
        // At the subject's own address it could be given the subject's port, before that has it, and answer itself.
        let socket = UdpSocket::bind("127.0.0.2:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        socket.connect(subject.address)?;
        socket.send(&Person::new("", "").plain(Method::Binding, |_| {}))?;
        let mut buffer = [0; 256];
        if subject.kind == Kind::Forwarder {
            subject
                .peer
                .set_read_timeout(Some(Duration::from_millis(100)))?;
            subject.peer.recv(&mut buffer)?;
        } else {
            socket.recv(&mut buffer)?;
        }
        Ok(())
    };
    try_it().is_ok()
}

impl Caller {
    pub(crate) fn open(subject: &Subject, source: SocketAddr) -> Result<Self> {
        Self::open_to(subject, source, subject.peer.local_addr()?)
    }

    /// With another peer than the subject's.
    pub(crate) fn open_to(subject: &Subject, source: SocketAddr, peer: SocketAddr) -> Result<Self> {
        let socket = UdpSocket::bind(source)?;
        socket.connect(subject.address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        if subject.kind == Kind::Forwarder {
            socket.send(b"hello")?;
            subject.peer.set_read_timeout(Some(PATIENCE))?;
            let (_, relayed) = subject.peer.recv_from(&mut [0; 256])?;
            return Ok(Self {
                socket,
                header_bytes: 0,
                relayed,
            });
        }
        let mut caller = Self {
            socket,
            header_bytes: channel_data::HEADER_BYTES,
            relayed: subject.address,
        };
        caller.relayed = allocate(&mut |request| caller.ask(request), peer)?;
        Ok(caller)
    }

    /// Over a server that drops a question, it is asked again.
    fn ask(&self, request: &[u8]) -> Result<Vec<u8>> {
        let mut buffer = vec![0; 2048];
        let mut failure = None;
        for _ in 0..20 {
            self.socket.send(request)?;
            match self.socket.recv(&mut buffer) {
                Ok(bytes) => {
                    buffer.truncate(bytes);
                    return Ok(buffer);
                }
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.map_or(anyhow!("not asked"), Into::into)).context("no answer")
    }
}

/// Allocates, and binds the channel; the relayed address.
pub(crate) fn allocate(
    ask: &mut dyn FnMut(&[u8]) -> Result<Vec<u8>>,
    peer: SocketAddr,
) -> Result<SocketAddr> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let username = format!("{}:bench", now + 3600);
    let credential = SharedSecrets::new([SECRET])
        .find(&username)
        .context("a credential")?;
    let mut person = Person::new(&username, &credential.passwords[0]);
    let transport = |writer: &mut Writer<'_>| {
        writer.attribute(Attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    };
    let challenge = ask(&person.plain(Method::Allocate, transport))?;
    person.learn(&Message::parse(&challenge)?);
    let answer = ask(&person.allocate())?;
    let relayed = Message::parse(&answer)?
        .xor_address(Attribute::XOR_RELAYED_ADDRESS)
        .context("no allocation")?;
    let bound = ask(&person.channel_bind(CHANNEL, peer))?;
    ensure!(
        Message::parse(&bound)?.class() == Class::Success,
        "no channel"
    );
    Ok(relayed)
}
