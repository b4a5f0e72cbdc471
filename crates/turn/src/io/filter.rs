//! A filter that has the system drop what certain sources send, before it takes room in a socket's queue (socket(7),
//! SO_ATTACH_FILTER).
use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;
use socket2::{SockFilter, SockRef};

#[allow(
    clippy::cast_possible_truncation,
    reason = "the parts of an instruction's code are below 2^16"
)]
const fn code(parts: [u32; 3]) -> u16 {
    (parts[0] | parts[1] | parts[2]) as u16
}

const LOAD_WORD: u16 = code([libc::BPF_LD, libc::BPF_W, libc::BPF_ABS]);
const LOAD_HALF: u16 = code([libc::BPF_LD, libc::BPF_H, libc::BPF_ABS]);
const JUMP_IF_EQUAL: u16 = code([libc::BPF_JMP, libc::BPF_JEQ, libc::BPF_K]);
const RETURN: u16 = code([libc::BPF_RET, libc::BPF_K, 0]);

const DROP: SockFilter = SockFilter::new(RETURN, 0, 0, 0);
const KEEP: SockFilter = SockFilter::new(RETURN, 0, 0, u32::MAX);
/// Where the filter finds the header of IP; what it is given begins with the header of UDP.
const IP_HEADER: u32 = libc::SKF_NET_OFF.cast_unsigned();
/// Where in it the source is: RFC 791 §3.1, RFC 8200 §3.
const SOURCE_IPV4: u32 = IP_HEADER + 12;
const SOURCE_IPV6: u32 = IP_HEADER + 8;
/// Where the header of UDP has the source's port (RFC 768).
const SOURCE_PORT: u32 = 0;

/// Has the system drop what comes to `socket` from these sources, and from no others, of the socket's own family.
pub(super) fn drop_sources(
    socket: &UdpSocket,
    sources: impl Iterator<Item = SocketAddr>,
) -> io::Result<()> {
    let mut program: Vec<SockFilter> = sources.flat_map(drop_source).collect();
    let socket = SockRef::from(socket);
    if program.is_empty() {
        return socket.detach_filter();
    }
    program.push(KEEP);
    socket.attach_filter(&program)
}

/// Instructions that end with a drop when all of the source is equal, else go on behind themselves.
fn drop_source(source: SocketAddr) -> Vec<SockFilter> {
    let words: Vec<(u32, u32)> = match source.ip() {
        IpAddr::V4(ip) => vec![(SOURCE_IPV4, ip.to_bits())],
        IpAddr::V6(ip) => {
            let octets = ip.octets();
            let words = octets.as_chunks().0.iter().copied();
            (SOURCE_IPV6..)
                .step_by(4)
                .zip(words.map(u32::from_be_bytes))
                .collect()
        }
    };
    let port = (LOAD_HALF, SOURCE_PORT, u32::from(source.port()));
    let comparisons: Vec<(u16, u32, u32)> = words
        .into_iter()
        .map(|(at, word)| (LOAD_WORD, at, word))
        .chain([port])
        .collect();
    // Behind a comparison there are two instructions for each that follows, and the drop.
    let behind = (0..).step_by(2).map(|after: u8| after + 1);
    let mut program: Vec<SockFilter> = comparisons
        .into_iter()
        .rev()
        .zip(behind)
        .flat_map(|((load, at, value), skip)| {
            [
                SockFilter::new(JUMP_IF_EQUAL, 0, skip, value),
                SockFilter::new(load, 0, 0, at),
            ]
        })
        .collect();
    program.reverse();
    program.push(DROP);
    program
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket as StdUdpSocket};

    use super::*;

    /// Who of three is heard when these are not.
    fn heard(ip: IpAddr, is_dropped: [bool; 3]) -> Vec<usize> {
        let listener = StdUdpSocket::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let listener = UdpSocket::from_std(listener);
        let sources = [(); 3].map(|()| StdUdpSocket::bind((ip, 0)).unwrap());
        let dropped = sources.iter().zip(is_dropped).filter(|(_, is)| *is);
        let dropped = dropped.map(|(source, _)| source.local_addr().unwrap());
        drop_sources(&listener, [(ip, 9).into()].into_iter()).unwrap();
        drop_sources(&listener, dropped).unwrap();
        for source in &sources {
            source.send_to(b"hello", address).unwrap();
        }
        std::iter::from_fn(|| listener.recv_from(&mut [0; 8]).ok())
            .map(|(_, from)| {
                let is_from = |source: &StdUdpSocket| source.local_addr().unwrap() == from;
                sources.iter().position(is_from).unwrap()
            })
            .collect()
    }

    #[test]
    fn the_system_drops_what_comes_from_these_sources_and_from_no_others() {
        for ip in [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ] {
            assert_eq!(heard(ip, [false, false, false]), [0, 1, 2]);
            assert_eq!(heard(ip, [true, false, false]), [1, 2]);
            assert_eq!(heard(ip, [false, true, true]), [0]);
            assert_eq!(heard(ip, [true, true, true]), [0; 0]);
        }
    }
}
