//! Packets through a subject, so many on their way at a time, and what they cost it.
use std::io::IoSlice;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
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

type Bounds = Option<(f64, f64)>;

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
    rounds: usize,
    /// Must and aim, beside coturn and beside the forwarder.
    pub(crate) bounds: [Bounds; 2],
}

impl Shape {
    pub(crate) const BURSTS: Self = Self {
        name: "1200 bytes in bursts",
        allocations: 8,
        burst: 32,
        at_once: 2,
        data_bytes: 1200,
        rounds: 300,
        bounds: [Some((0.5, 0.4)), Some((1.25, 1.1))],
    };
    pub(crate) const AUDIO: Self = Self {
        name: "1200 bytes one by one, 400 allocations",
        allocations: 400,
        burst: 1,
        at_once: 80,
        data_bytes: 1200,
        rounds: 20,
        bounds: [Some((0.9, 0.75)), Some((1.25, 1.1))],
    };
}

/// CPU nanoseconds of the subject for each packet that was delivered: from clients to the peer, and back.
pub(crate) fn nanos_per_packet(subject: &Subject, shape: Shape) -> Result<[f64; 2]> {
    pin()?;
    let callers: Vec<Caller> = (0..shape.allocations)
        .map(|index| {
            // The relay answers few strangers of one address a second: each comes from another.
            let [high, low] = u16::try_from(index + 1)?.to_be_bytes();
            Caller::open(
                subject,
                SocketAddr::from((Ipv4Addr::new(127, 1, high, low), 0)),
            )
        })
        .collect::<Result<_>>()?;
    for socket in callers
        .iter()
        .map(|caller| &caller.socket)
        .chain([&subject.peer])
    {
        prepare(socket)?;
    }
    let up = direction(subject, shape, &callers, true)?;
    let down = direction(subject, shape, &callers, false)?;
    Ok([up, down])
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

fn direction(subject: &Subject, shape: Shape, callers: &[Caller], is_up: bool) -> Result<f64> {
    let before = subject.cpu_nanos()?;
    let mut delivered = 0;
    let mut sent = 0;
    for _ in 0..shape.rounds {
        for group in callers.chunks(shape.at_once) {
            for caller in group {
                send(subject, caller, shape, is_up)?;
                sent += shape.burst;
            }
            delivered += receive(subject, group, shape, is_up);
        }
    }
    let nanos = subject.cpu_nanos()? - before;
    ensure!(
        delivered * 10 > sent * 9,
        "{delivered} of {sent} packets were delivered"
    );
    Ok(nanos as f64 / delivered as f64)
}

fn send(subject: &Subject, caller: &Caller, shape: Shape, is_up: bool) -> Result<()> {
    let mut packet = Vec::new();
    if is_up && caller.header_bytes > 0 {
        packet.extend(channel_data::header(
            CHANNEL,
            u16::try_from(shape.data_bytes)?,
        ));
    }
    packet.resize(packet.len() + shape.data_bytes, 7);
    let socket = if is_up { &caller.socket } else { &subject.peer };
    let to = if is_up {
        subject.address
    } else {
        caller.relayed
    };
    send_burst(socket, Some(to), &packet.repeat(shape.burst), packet.len())
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

/// Waits for what was sent; how many packets have come.
fn receive(subject: &Subject, group: &[Caller], shape: Shape, is_up: bool) -> usize {
    let mut buffer = vec![0; 65_536];
    let expected = group.len() * shape.burst;
    let until = Instant::now() + PATIENCE;
    let mut received = 0;
    while received < expected && Instant::now() < until {
        if is_up {
            received += read(&subject.peer, shape.data_bytes, &mut buffer);
        } else {
            for caller in group {
                received += read(
                    &caller.socket,
                    shape.data_bytes + caller.header_bytes,
                    &mut buffer,
                );
            }
        }
    }
    received
}

/// Packets that a socket has, each of this length; with GRO several come at once.
fn read(socket: &UdpSocket, packet_bytes: usize, buffer: &mut [u8]) -> usize {
    socket.recv(buffer).map_or(0, |bytes| bytes / packet_bytes)
}
