//! A client's connection to a running relay, of every kind.
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;

use holdspace_turn::stun::{Algorithm, Attribute, Method};
use holdspace_turn::{Addresses, Frame, Transport, next_frame};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::caller::{Caller, Response, UDP};
use crate::live::{Live, PATIENCE};

enum Link {
    Udp(UdpSocket),
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// A caller and the way to the relay.
pub(crate) struct Wire {
    pub(crate) caller: Caller,
    link: Link,
    input: Vec<u8>,
    /// What a flood could not send.
    unsent: Vec<u8>,
    relayed: Option<SocketAddr>,
}

impl Wire {
    /// To the first address of this transport, or to the second (IPv6).
    pub(crate) fn open(live: &Live, transport: Transport, index: usize) -> Self {
        Self::to(live.relay.addresses(), &live.roots, transport, index)
    }

    pub(crate) fn to(
        addresses: &Addresses,
        roots: &RootCertStore,
        transport: Transport,
        index: usize,
    ) -> Self {
        let link = match transport {
            Transport::Udp => {
                let to = addresses.udp[index];
                let socket = UdpSocket::bind(SocketAddr::new(to.ip(), 0)).unwrap();
                socket.connect(to).unwrap();
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                Link::Udp(socket)
            }
            Transport::Tcp => Link::Tcp(connect(addresses.tcp[index])),
            Transport::Tls => {
                let config = ClientConfig::builder_with_provider(Arc::new(
                    rustls::crypto::ring::default_provider(),
                ))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
                let name = "localhost".try_into().unwrap();
                let connection = ClientConnection::new(Arc::new(config), name).unwrap();
                Link::Tls(Box::new(StreamOwned::new(
                    connection,
                    connect(addresses.tls[index]),
                )))
            }
        };
        Self {
            caller: Caller::new("alice", "secret"),
            link,
            input: Vec::new(),
            unsent: Vec::new(),
            relayed: None,
        }
    }

    pub(crate) fn send(&mut self, message: &[u8]) {
        match &mut self.link {
            Link::Udp(socket) => assert_eq!(socket.send(message).unwrap(), message.len()),
            Link::Tcp(stream) => stream.write_all(&padded(message)).unwrap(),
            Link::Tls(stream) => stream.write_all(&padded(message)).unwrap(),
        }
    }

    /// Bytes as they are, over a stream.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        match &mut self.link {
            Link::Udp(_) => panic!("a datagram is sent whole"),
            Link::Tcp(stream) => stream.write_all(bytes).unwrap(),
            Link::Tls(stream) => stream.write_all(bytes).unwrap(),
        }
    }

    /// The next message.
    pub(crate) fn receive(&mut self) -> Vec<u8> {
        self.try_receive().expect("a message before the end")
    }

    /// The next message; `None` at the end of a stream.
    pub(crate) fn try_receive(&mut self) -> Option<Vec<u8>> {
        match self.next_message() {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            message => message.expect("a message in time"),
        }
    }

    /// The next message, if it has come.
    pub(crate) fn receive_now(&mut self) -> Option<Vec<u8>> {
        self.set_nonblocking(true);
        let message = self.next_message();
        self.set_nonblocking(false);
        match message {
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            message => message.unwrap(),
        }
    }

    /// Has the system take what it does at once of these messages, over a stream. The rest of what it cut goes first when
    /// there are more.
    pub(crate) fn flood(&mut self, messages: &[u8]) {
        if self.unsent.is_empty() {
            self.unsent = messages.to_vec();
        }
        let unsent = std::mem::take(&mut self.unsent);
        let taken = self.send_now(&unsent);
        self.unsent = unsent[taken..].to_vec();
    }

    fn send_now(&mut self, bytes: &[u8]) -> usize {
        self.set_nonblocking(true);
        let mut taken = 0;
        while taken < bytes.len() {
            let written = match &mut self.link {
                Link::Udp(_) => panic!("a datagram is sent whole"),
                Link::Tcp(stream) => stream.write(&bytes[taken..]),
                Link::Tls(stream) => stream.write(&bytes[taken..]),
            };
            match written {
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                written => taken += written.unwrap(),
            }
        }
        self.set_nonblocking(false);
        taken
    }

    fn next_message(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut buffer = vec![0; 65_536];
        if let Link::Udp(socket) = &self.link {
            let bytes = socket.recv(&mut buffer)?;
            return Ok(Some(buffer[..bytes].to_vec()));
        }
        loop {
            if let Ok(Frame::Whole { message, taken }) = next_frame(&self.input) {
                let message = message.to_vec();
                self.input.drain(..taken);
                return Ok(Some(message));
            }
            let bytes = match &mut self.link {
                Link::Udp(_) => return Ok(None),
                Link::Tcp(stream) => stream.read(&mut buffer)?,
                Link::Tls(stream) => stream.read(&mut buffer)?,
            };
            if bytes == 0 {
                return Ok(None);
            }
            self.input.extend(&buffer[..bytes]);
        }
    }

    fn set_nonblocking(&self, is_nonblocking: bool) {
        let set = match &self.link {
            Link::Udp(socket) => socket.set_nonblocking(is_nonblocking),
            Link::Tcp(stream) => stream.set_nonblocking(is_nonblocking),
            Link::Tls(stream) => stream.sock.set_nonblocking(is_nonblocking),
        };
        set.unwrap();
    }

    pub(crate) fn ask(&mut self, request: &[u8]) -> Response {
        self.send(request);
        Response::read(&self.receive())
    }

    /// Gets an allocation, of IPv6 when its relay is asked over that.
    pub(crate) fn allocate(&mut self, is_ipv6: bool) -> SocketAddr {
        let first = self.caller.plain(Method::Allocate, |writer| {
            writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
        });
        let challenge = self.ask(&first);
        assert_eq!(challenge.code(), 401);
        self.caller.learn(&challenge.message());
        self.caller.algorithm = Some(Algorithm::Sha256);
        let request = self.caller.sealed(Method::Allocate, |writer| {
            writer.attribute(Attribute::REQUESTED_TRANSPORT, &UDP);
            writer.attribute(
                Attribute::REQUESTED_ADDRESS_FAMILY,
                &[if is_ipv6 { 2 } else { 1 }, 0, 0, 0],
            );
        });
        let response = self.ask(&request);
        assert_eq!(response.code(), 0);
        self.relayed = Some(response.relayed());
        response.relayed()
    }

    /// What `allocate` got.
    pub(crate) fn relayed(&self) -> SocketAddr {
        self.relayed.expect("an allocation")
    }

    pub(crate) fn permit(&mut self, peer: SocketAddr) {
        let request = self.caller.create_permission(&[peer]);
        assert_eq!(self.ask(&request).code(), 0);
    }

    pub(crate) fn bind(&mut self, number: u16, peer: SocketAddr) {
        let request = self.caller.channel_bind(number, peer);
        assert_eq!(self.ask(&request).code(), 0);
    }
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Over a stream ChannelData is padded (RFC 8656 §12.5).
pub(crate) fn padded(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    message.resize(message.len().next_multiple_of(4), 0);
    message
}
