//! What a bad neighbour adds to the delay of somebody else's packets, and what of them is lost.
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use holdspace_turn::{Frame, channel_data, next_frame};

use crate::client::{self, CHANNEL, Caller};
use crate::load;
use crate::subject::{Kind, Subject};
use crate::table::median;

const PACKETS: usize = 400;
/// A packet that is not there by then is lost.
const PATIENCE: Duration = Duration::from_millis(500);
/// What the neighbour sends before each packet of the bystander.
const BURST: usize = 32;
const DATA_BYTES: usize = 1200;

/// What somebody does before every packet of another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Neighbour {
    /// A client that sends a burst to a peer that never reads.
    Udp,
    /// The same over TCP.
    Tcp,
    /// A peer that sends a burst to a client that reads by UDP as little.
    Peer,
    /// The same to a client that does not read its TCP stream.
    Deaf,
}

impl Neighbour {
    pub(crate) const ALL: [(Self, &'static str); 4] = [
        (Self::Udp, "a client that floods by UDP"),
        (Self::Tcp, "a client that floods by TCP"),
        (Self::Peer, "a flood from a peer"),
        (Self::Deaf, "a flood to a client that does not read TCP"),
    ];
}

/// Delays in nanoseconds, medians of both directions together, and how many packets were lost.
#[derive(Debug)]
pub(crate) struct Delays {
    pub(crate) alone_nanos: f64,
    pub(crate) beside_nanos: f64,
    pub(crate) lost: usize,
    pub(crate) sent: usize,
}

/// Measures without the neighbour, then with.
pub(crate) fn beside(neighbour: Neighbour) -> Result<Delays> {
    let subject = Subject::start(Kind::Relay)?;
    load::pin()?;
    let bystander = Caller::open(&subject, SocketAddr::from((Ipv4Addr::new(127, 1, 0, 1), 0)))?;
    let mut noise = Noise::open(&subject, neighbour)?;
    for socket in [&bystander.socket, &subject.peer] {
        socket.set_nonblocking(true)?;
    }
    let (alone, lost_alone) = delays(&subject, &bystander, || Ok(()))?;
    let (beside, lost_beside) = delays(&subject, &bystander, || noise.make())?;
    Ok(Delays {
        alone_nanos: median(&alone),
        beside_nanos: median(&beside),
        lost: lost_alone + lost_beside,
        sent: 4 * PACKETS,
    })
}

fn delays(
    subject: &Subject,
    bystander: &Caller,
    mut disturb: impl FnMut() -> Result<()>,
) -> Result<(Vec<f64>, usize)> {
    let header = channel_data::header(CHANNEL, u16::try_from(DATA_BYTES)?);
    let up = [&header[..], &[1; DATA_BYTES]].concat();
    let mut nanos = Vec::new();
    for _ in 0..PACKETS {
        disturb()?;
        let start = Instant::now();
        bystander.socket.send(&up)?;
        nanos.extend(wait(&subject.peer, start));
        disturb()?;
        let start = Instant::now();
        subject
            .peer
            .send_to(&up[header.len()..], bystander.relayed)?;
        nanos.extend(wait(&bystander.socket, start));
    }
    let lost = 2 * PACKETS - nanos.len();
    Ok((nanos, lost))
}

/// Until a datagram is there: how long since `start`.
fn wait(socket: &UdpSocket, start: Instant) -> Option<f64> {
    let mut buffer = [0; 2048];
    while start.elapsed() < PATIENCE {
        if socket.recv(&mut buffer).is_ok() {
            return Some(start.elapsed().as_nanos() as f64);
        }
    }
    None
}

/// A neighbour with an allocation, and a peer of his own.
struct Noise {
    neighbour: Neighbour,
    peer: UdpSocket,
    udp: Option<Caller>,
    tcp: Option<TcpStream>,
    relayed: SocketAddr,
    stream: Vec<u8>,
    at: usize,
}

impl Noise {
    fn open(subject: &Subject, neighbour: Neighbour) -> Result<Self> {
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let to = peer.local_addr()?;
        let (mut udp, mut tcp) = (None, None);
        let relayed = match neighbour {
            Neighbour::Udp | Neighbour::Peer => {
                let source = SocketAddr::from((Ipv4Addr::new(127, 1, 0, 2), 0));
                let caller = Caller::open_to(subject, source, to)?;
                udp.insert(caller).relayed
            }
            Neighbour::Tcp | Neighbour::Deaf => {
                let mut stream = TcpStream::connect(subject.address)?;
                stream.set_read_timeout(Some(Duration::from_secs(5)))?;
                let relayed = client::allocate(&mut |request| ask(&mut stream, request), to)?;
                stream.set_nonblocking(true)?;
                tcp = Some(stream);
                relayed
            }
        };
        let message = [
            &channel_data::header(CHANNEL, u16::try_from(DATA_BYTES)?)[..],
            &[7; DATA_BYTES],
        ]
        .concat();
        Ok(Self {
            neighbour,
            peer,
            udp,
            tcp,
            relayed,
            stream: message.repeat(BURST),
            at: 0,
        })
    }

    fn make(&mut self) -> Result<()> {
        match self.neighbour {
            Neighbour::Udp => {
                if let Some(caller) = &self.udp {
                    let segment = DATA_BYTES + channel_data::HEADER_BYTES;
                    load::send_burst(&caller.socket, None, &self.stream, segment)?;
                }
            }
            Neighbour::Tcp => self.write()?,
            Neighbour::Peer | Neighbour::Deaf => {
                let packets = &self.stream[..DATA_BYTES * BURST];
                load::send_burst(&self.peer, Some(self.relayed), packets, DATA_BYTES)?;
            }
        }
        Ok(())
    }

    /// As much of the stream as the system takes, from where it was cut before.
    fn write(&mut self) -> Result<()> {
        let Some(stream) = &mut self.tcp else {
            return Ok(());
        };
        match stream.write(&self.stream[self.at..]) {
            Ok(bytes) => self.at = (self.at + bytes) % self.stream.len(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

fn ask(stream: &mut TcpStream, request: &[u8]) -> Result<Vec<u8>> {
    stream.write_all(request)?;
    let mut input = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let bytes = stream.read(&mut buffer).context("no answer")?;
        anyhow::ensure!(bytes > 0, "closed");
        input.extend(&buffer[..bytes]);
        if let Frame::Whole { message, .. } = next_frame(&input)? {
            return Ok(message.to_vec());
        }
    }
}
