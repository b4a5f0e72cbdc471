//! Packets through a subject, so many on their way at a time, and what they cost it.
use std::io::IoSlice;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::ops::Add;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use holdspace_turn::channel_data;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg, setsockopt, sockopt};
use nix::unistd::Pid;

use crate::client::{CHANNEL, Caller};
use crate::subject::Subject;

/// The generator's core; the subject has the other.
const CORE: usize = 0;
/// A packet that is not there by then is lost.
const PATIENCE: Duration = Duration::from_secs(3);

/// Must and aim.
pub(crate) type Bounds = (f64, f64);

/// How packets come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    allocations: usize,
    /// Sent by one allocation at once.
    burst: usize,
    /// Allocations that send before anything is waited for.
    at_once: usize,
    data_bytes: usize,
    /// How often all of them send in one stretch.
    times: usize,
    /// Beside coturn and beside the forwarder.
    pub(crate) bounds: [Bounds; 2],
}

impl Shape {
    pub(crate) const BURSTS: Self = Self {
        name: "1200 bytes in bursts",
        allocations: 8,
        burst: 32,
        at_once: 2,
        data_bytes: 1200,
        times: 300,
        bounds: [(0.5, 0.4), (1.25, 1.1)],
    };
    pub(crate) const AUDIO: Self = Self {
        name: "1200 bytes one by one, 400 allocations",
        allocations: 400,
        burst: 1,
        at_once: 80,
        data_bytes: 1200,
        times: 40,
        bounds: [(0.9, 0.75), (1.25, 1.1)],
    };
}

/// The two ways through a relay.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Direction {
    /// From clients to the peer.
    Up,
    Down,
}

impl Direction {
    pub(crate) const BOTH: [Self; 2] = [Self::Up, Self::Down];
}

/// What a stretch of packets took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    /// CPU time of the subject.
    pub(crate) nanos: i64,
    pub(crate) delivered: usize,
}

impl Spent {
    pub(crate) fn nanos_per_packet(self) -> f64 {
        self.nanos as f64 / self.delivered as f64
    }
}

impl Add for Spent {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            nanos: self.nanos + more.nanos,
            delivered: self.delivered + more.delivered,
        }
    }
}

/// A subject with its clients.
pub(crate) struct Load {
    subject: Subject,
    shape: Shape,
    callers: Vec<Caller>,
}

impl Load {
    pub(crate) fn open(subject: Subject, shape: Shape) -> Result<Self> {
        let callers: Vec<Caller> = (0..shape.allocations)
            .map(|index| {
                // The relay answers few strangers of one address a second: each comes from another.
                let [high, low] = u16::try_from(index + 1)?.to_be_bytes();
                let source = SocketAddr::from((Ipv4Addr::new(127, 1, high, low), 0));
                Caller::open(&subject, source)
            })
            .collect::<Result<_>>()?;
        let sockets = callers.iter().map(|caller| &caller.socket);
        for socket in sockets.chain([&subject.peer]) {
            prepare(socket)?;
        }
        Ok(Self {
            subject,
            shape,
            callers,
        })
    }

    /// Sends for a stretch.
    pub(crate) fn run(&self, direction: Direction) -> Result<Spent> {
        let before = self.subject.cpu_nanos()?;
        let mut delivered = 0;
        for _ in 0..self.shape.times {
            for group in self.callers.chunks(self.shape.at_once) {
                for caller in group {
                    self.send(caller, direction)?;
                }
                delivered += self.receive(group, direction);
            }
        }
        let nanos = self.subject.cpu_nanos()? - before;
        let sent = self.shape.times * self.callers.len() * self.shape.burst;
        ensure!(
            delivered * 10 > sent * 9,
            "{delivered} of {sent} packets were delivered"
        );
        Ok(Spent { nanos, delivered })
    }

    fn send(&self, caller: &Caller, direction: Direction) -> Result<()> {
        let Shape {
            burst, data_bytes, ..
        } = self.shape;
        let mut packet = Vec::new();
        let (socket, to) = match direction {
            Direction::Up => {
                if caller.header_bytes > 0 {
                    packet.extend(channel_data::header(CHANNEL, u16::try_from(data_bytes)?));
                }
                (&caller.socket, self.subject.address)
            }
            Direction::Down => (&self.subject.peer, caller.relayed),
        };
        packet.resize(packet.len() + data_bytes, 7);
        send_burst(socket, Some(to), &packet.repeat(burst), packet.len())
    }

    /// Waits for what was sent; how many packets have come.
    fn receive(&self, group: &[Caller], direction: Direction) -> usize {
        let mut buffer = vec![0; 65_536];
        let expected = group.len() * self.shape.burst;
        let until = Instant::now() + PATIENCE;
        let mut received = 0;
        while received < expected && Instant::now() < until {
            received += match direction {
                Direction::Up => read(&self.subject.peer, self.shape.data_bytes, &mut buffer),
                Direction::Down => (group.iter())
                    .map(|caller| {
                        let bytes = self.shape.data_bytes + caller.header_bytes;
                        read(&caller.socket, bytes, &mut buffer)
                    })
                    .sum(),
            };
        }
        received
    }
}

/// Puts the generator on its core.
pub(crate) fn pin() -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(CORE)?;
    sched_setaffinity(Pid::from_raw(0), &cores)?;
    Ok(())
}

fn prepare(socket: &UdpSocket) -> Result<()> {
    socket.set_nonblocking(true)?;
    setsockopt(socket, sockopt::RcvBuf, &(4 << 20))?;
    setsockopt(socket, sockopt::UdpGroSegment, &true)?;
    Ok(())
}

/// Sends packets of the same length by one system call; to whom the socket is connected without a destination.
pub(crate) fn send_burst(
    socket: &UdpSocket,
    to: Option<SocketAddr>,
    packets: &[u8],
    packet_bytes: usize,
) -> Result<()> {
    let segment = u16::try_from(packet_bytes)?;
    let control = [ControlMessage::UdpGsoSegments(&segment)];
    let control = if packets.len() > packet_bytes {
        &control[..]
    } else {
        &[]
    };
    sendmsg(
        socket.as_raw_fd(),
        &[IoSlice::new(packets)],
        control,
        MsgFlags::empty(),
        to.map(SockaddrStorage::from).as_ref(),
    )?;
    Ok(())
}

/// Packets that a socket has, each of this length; with GRO several come at once.
fn read(socket: &UdpSocket, packet_bytes: usize, buffer: &mut [u8]) -> usize {
    socket.recv(buffer).map_or(0, |bytes| bytes / packet_bytes)
}
