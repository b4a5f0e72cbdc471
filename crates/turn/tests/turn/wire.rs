//! A client's connection to a running relay, of every kind.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;

use holdspace_turn::stun::{Algorithm, Attribute, Method};
use holdspace_turn::{Frame, Transport, next_frame};
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::caller::{Caller, Response, UDP};
use crate::live::{Live, PATIENCE, waiting};

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
    relayed: Option<SocketAddr>,
}

impl Wire {
    /// To the first address of this transport, or to the second (IPv6).
    pub(crate) fn open(live: &Live, transport: Transport, index: usize) -> Self {
        let addresses = live.relay.addresses();
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
                .with_root_certificates(live.roots.clone())
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
        let mut buffer = vec![0; 65_536];
        if let Link::Udp(socket) = &self.link {
            let bytes = socket.recv(&mut buffer).expect("a datagram");
            return Some(buffer[..bytes].to_vec());
        }
        loop {
            if let Ok(Frame::Whole { message, taken }) = next_frame(&self.input) {
                let message = message.to_vec();
                self.input.drain(..taken);
                return Some(message);
            }
            let bytes = match &mut self.link {
                Link::Udp(_) => return None,
                Link::Tcp(stream) => stream.read(&mut buffer),
                Link::Tls(stream) => stream.read(&mut buffer),
            };
            match bytes {
                Ok(0) => return None,
                Ok(bytes) => self.input.extend(&buffer[..bytes]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// How many datagrams have come that nobody has read, which are gone then.
    pub(crate) fn waiting(&self) -> u32 {
        match &self.link {
            Link::Udp(socket) => waiting(socket),
            Link::Tcp(_) | Link::Tls(_) => panic!("a stream has no datagrams"),
        }
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
        self.caller.learn(&challenge);
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
