//! A flood of strangers with forged addresses, as loopback lets us have them.
use std::collections::HashMap;
use std::io::IoSlice;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::Result;
use holdspace_turn::Caller;
use holdspace_turn::stun::{Attribute, Method};
use nix::libc::{in_addr, in_pktinfo};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt,
    sockopt,
};

use crate::subject::{Kind, Subject};

const REQUESTS: u32 = 100_000;
const ADDRESSES: u32 = 60_000;
/// IP and UDP.
const HEADER_BYTES: usize = 28;

#[derive(Debug)]
pub(crate) struct Flood {
    pub(crate) grown_bytes: f64,
    /// Bytes sent for each byte received, headers counted.
    pub(crate) amplification: f64,
    /// The most that any one address got in a second, over the whole of it.
    pub(crate) replies_per_address: f64,
}

pub(crate) fn run() -> Result<Flood> {
    let subject = Subject::start(Kind::Relay)?;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
    // What the relay touches once, it has touched.
    let mut replies: HashMap<Ipv4Addr, u32> = HashMap::new();
    for number in 0..1000 {
        send(
            &socket,
            Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 100, 0, 1)) + number),
            &subject,
        )?;
        drain(&socket, &mut replies)?;
    }
    let before = subject.resident_bytes()?;
    let begin = Instant::now();
    let (mut sent, mut received) = (0, 0);
    // The forged address of everybody, and of one victim between all others.
    let victim = Ipv4Addr::new(127, 200, 0, 1);
    for number in 0..REQUESTS {
        let other = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number % ADDRESSES);
        for source in [other, victim] {
            sent += send(&socket, source, &subject)?;
        }
        received += drain(&socket, &mut replies)?;
    }
    let until = Instant::now() + Duration::from_millis(500);
    while Instant::now() < until {
        received += drain(&socket, &mut replies)?;
    }
    let seconds = begin.elapsed().as_secs_f64().ceil();
    Ok(Flood {
        grown_bytes: (subject.resident_bytes()? - before).max(0.0),
        amplification: received as f64 / sent as f64,
        replies_per_address: f64::from(replies.values().copied().max().unwrap_or(0)) / seconds,
    })
}

fn send(socket: &UdpSocket, source: Ipv4Addr, subject: &Subject) -> Result<usize> {
    let bytes = Caller::new("", "").plain(Method::Allocate, |writer| {
        writer.attribute(Attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    });
    let info = in_pktinfo {
        ipi_ifindex: 0,
        ipi_spec_dst: in_addr {
            s_addr: u32::from(source).to_be(),
        },
        ipi_addr: in_addr { s_addr: 0 },
    };
    let to = SockaddrStorage::from(subject.address);
    let control = [ControlMessage::Ipv4PacketInfo(&info)];
    sendmsg(
        socket.as_raw_fd(),
        &[IoSlice::new(&bytes)],
        &control,
        MsgFlags::empty(),
        Some(&to),
    )?;
    Ok(bytes.len() + HEADER_BYTES)
}

/// Reads the replies that have come; their bytes.
fn drain(socket: &UdpSocket, replies: &mut HashMap<Ipv4Addr, u32>) -> Result<usize> {
    let mut total = 0;
    let mut buffer = [0; 2048];
    let mut control = nix::cmsg_space!(in_pktinfo);
    loop {
        let mut slices = [std::io::IoSliceMut::new(&mut buffer)];
        let Ok(message) = recvmsg::<SockaddrStorage>(
            socket.as_raw_fd(),
            &mut slices,
            Some(&mut control),
            MsgFlags::empty(),
        ) else {
            return Ok(total);
        };
        total += message.bytes + HEADER_BYTES;
        for part in message.cmsgs()? {
            if let ControlMessageOwned::Ipv4PacketInfo(info) = part
                && let IpAddr::V4(ip) =
                    IpAddr::from(u32::from_be(info.ipi_addr.s_addr).to_be_bytes())
            {
                *replies.entry(ip).or_default() += 1;
            }
        }
    }
}
