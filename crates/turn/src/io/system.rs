//! The system calls of Linux that no safe interface has: many datagrams at once, and bursts as one (recvmmsg(2),
//! sendmmsg(2), udp(7)). The only file with `unsafe`.
#![allow(
    unsafe_code,
    reason = "these calls take pointers; each block says why they are good"
)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of structures, and counts below 64, in the types that the calls have"
)]
use std::io;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};
use std::ptr;

use libc::{c_int, c_void, iovec, mmsghdr, msghdr, sockaddr_storage};
use mio::net::UdpSocket;
use socket2::SockAddr;

use super::features::Features;
use super::one_by_one::{send_singly, send_to};
use super::options;
use super::outbox::{Memory, Message, Part};
use super::path::{Destination, Drained, Failure};
use super::slots::{Arrival, Slots};
use crate::core::Icmp;

/// Messages in one system call.
const MESSAGES_MAX: usize = 32;

/// Room for one control message with a number; of u64 so that it is aligned as `cmsghdr` is.
type Control = [u64; 4];

/// Sets an option that is a number.
pub(super) fn set_option(fd: RawFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    // SAFETY: the pointer is to a c_int that outlives the call, the length is its size.
    let result = unsafe {
        libc::setsockopt(
            fd,
            level,
            name,
            ptr::from_ref(&value).cast::<c_void>(),
            mem::size_of::<c_int>() as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// The structures of the calls, kept so that no call allocates.
pub(super) struct Batches {
    features: Features,
    headers: Vec<mmsghdr>,
    vectors: Vec<iovec>,
    controls: Vec<Control>,
    origins: Vec<sockaddr_storage>,
    destinations: Vec<SockAddr>,
}

// SAFETY: the pointers in `headers` and `vectors` are written before each call and used by that call alone; in between
// they point to nothing that anybody would follow.
unsafe impl Send for Batches {}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches")
            .field("features", &self.features)
            .finish_non_exhaustive()
    }
}

impl Batches {
    pub(super) fn new(features: Features) -> Self {
        // SAFETY: all zeros are a valid sockaddr_storage, of no family.
        let origin: sockaddr_storage = unsafe { mem::zeroed() };
        Self {
            features,
            headers: Vec::with_capacity(MESSAGES_MAX),
            vectors: Vec::new(),
            controls: vec![Control::default(); MESSAGES_MAX],
            origins: vec![origin; MESSAGES_MAX],
            destinations: Vec::with_capacity(MESSAGES_MAX),
        }
    }

    pub(super) fn prepare(&self, socket: &UdpSocket) -> io::Result<()> {
        options::prepare(socket, self.features)
    }

    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
        slots: &mut Slots,
        messages_max: usize,
        arrivals: &mut Vec<Arrival>,
    ) -> Drained {
        self.headers.clear();
        self.vectors.clear();
        let starts = slots.free(messages_max.min(MESSAGES_MAX));
        for start in starts {
            let slot = slots.slot(start);
            self.vectors.push(iovec {
                iov_base: slot.as_mut_ptr().cast(),
                iov_len: slot.len(),
            });
        }
        let count = self.vectors.len();
        for index in 0..count {
            self.headers.push(mmsghdr {
                msg_hdr: header(
                    ptr::from_mut(&mut self.origins[index]).cast(),
                    mem::size_of::<sockaddr_storage>(),
                    ptr::from_mut(&mut self.vectors[index]),
                    1,
                    ptr::from_mut(&mut self.controls[index]).cast(),
                    mem::size_of::<Control>(),
                ),
                msg_len: 0,
            });
        }
        // SAFETY: `headers` has `count` entries. Each points to a name, one iovec and a control buffer of the given
        // sizes in vectors that are not touched during the call; the iovecs point to different slots, which `slots`
        // owns and which nothing else refers to.
        let received = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                count as u32,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let Ok(received) = usize::try_from(received) else {
            // What an earlier datagram met on its way is told here once; the datagrams behind it are still there.
            let is_empty = io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock;
            return if is_empty { Drained::Yes } else { Drained::No };
        };
        let starts = slots.free(received);
        for ((start, header), origin) in starts.zip(&self.headers).zip(&self.origins) {
            let Some(from) = address(origin) else {
                continue;
            };
            if header.msg_hdr.msg_flags & libc::MSG_TRUNC == 0 {
                let segment_bytes = segment_bytes(&header.msg_hdr);
                arrivals.push(Arrival {
                    start,
                    bytes: header.msg_len as usize,
                    segment_bytes,
                    from,
                });
            }
        }
        slots.take(received);
        if received < count {
            Drained::Yes
        } else {
            Drained::No
        }
    }

    pub(super) fn send(
        &mut self,
        (socket, destination): (&UdpSocket, Destination),
        messages: &[Message],
        parts: &[Part],
        memory: Memory<'_>,
    ) -> usize {
        if let [message] = messages
            && let [part] = parts[message.parts.clone()]
        {
            // One datagram in one piece: the plain call is the cheapest.
            return usize::from(
                send_to(socket, memory.part(&part), named(message, destination)).is_err(),
            );
        }
        let mut dropped = 0;
        for messages in messages.chunks(MESSAGES_MAX) {
            self.prepare_send(messages, parts, memory, destination);
            dropped += self.send_prepared((socket, destination), messages, parts, memory);
        }
        dropped
    }

    fn prepare_send(
        &mut self,
        messages: &[Message],
        parts: &[Part],
        memory: Memory<'_>,
        to: Destination,
    ) {
        self.headers.clear();
        self.vectors.clear();
        self.destinations.clear();
        for message in messages {
            self.destinations.push(message.to.into());
            for part in &parts[message.parts.clone()] {
                let bytes = memory.part(part);
                self.vectors.push(iovec {
                    iov_base: bytes.as_ptr().cast_mut().cast(),
                    iov_len: bytes.len(),
                });
            }
        }
        let mut vector = 0;
        for (index, message) in messages.iter().enumerate() {
            let destination = &self.destinations[index];
            let control = &mut self.controls[index];
            let has_control = message.datagrams > 1;
            let mut header = header(
                destination.as_ptr().cast_mut().cast(),
                destination.len() as usize,
                self.vectors[vector..].as_mut_ptr(),
                message.parts.len(),
                ptr::from_mut(control).cast(),
                if has_control {
                    mem::size_of::<Control>()
                } else {
                    0
                },
            );
            if to == Destination::Connected {
                header.msg_name = ptr::null_mut();
                header.msg_namelen = 0;
            }
            if has_control {
                write_segment_bytes(&mut header, message.segment_bytes as u16);
            } else {
                header.msg_control = ptr::null_mut();
            }
            self.headers.push(mmsghdr {
                msg_hdr: header,
                msg_len: 0,
            });
            vector += message.parts.len();
        }
    }

    fn send_prepared(
        &mut self,
        (socket, destination): (&UdpSocket, Destination),
        messages: &[Message],
        parts: &[Part],
        memory: Memory<'_>,
    ) -> usize {
        let mut dropped = 0;
        let mut done = 0;
        let mut tried = None;
        while done < messages.len() {
            let rest = &mut self.headers[done..];
            // SAFETY: `rest` are headers that `prepare_send` filled; names, iovecs, controls and the memory that the
            // iovecs point to are borrowed or owned until after the call, and only read by it.
            let sent = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    rest.as_mut_ptr(),
                    rest.len() as u32,
                    libc::MSG_DONTWAIT,
                )
            };
            if let Ok(sent @ 1..) = usize::try_from(sent) {
                done += sent;
                continue;
            }
            // The first of the rest failed, for a reason of its own unless the socket is full.
            let error = io::Error::last_os_error();
            if error.kind() == io::ErrorKind::WouldBlock {
                return dropped
                    + messages[done..]
                        .iter()
                        .map(|message| message.datagrams)
                        .sum::<usize>();
            }
            // It may have been of another datagram: see `one_by_one::send_to`.
            if tried.replace(done) != Some(done) {
                continue;
            }
            let message = &messages[done];
            dropped += if message.datagrams > 1 {
                let to = named(message, destination);
                send_singly(socket, (message, to), parts, memory)
            } else {
                1
            };
            done += 1;
        }
        dropped
    }
}

/// Where the system has to be told that a message goes.
fn named(message: &Message, destination: Destination) -> Option<SocketAddr> {
    (destination == Destination::Each).then_some(message.to)
}

/// The next of them. What the system tells of itself, such as a datagram that is too long, is `None`.
pub(super) fn next_failure(socket: &UdpSocket) -> io::Result<Option<Failure>> {
    // SAFETY: all zeros are a valid sockaddr_storage, of no family.
    let mut destination: sockaddr_storage = unsafe { mem::zeroed() };
    // For a `sock_extended_err` and an address behind it.
    let mut control = [0_u64; 16];
    let mut header = header(
        ptr::from_mut(&mut destination).cast(),
        mem::size_of_val(&destination),
        ptr::null_mut(),
        0,
        control.as_mut_ptr().cast(),
        mem::size_of_val(&control),
    );
    let flags = libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT;
    // SAFETY: `header` points to a name and a control buffer of the given sizes that outlive the call, and to no iovec.
    let received = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut header, flags) };
    if received < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(address(&destination).zip(icmp(&header)))
}

/// Reads IP_RECVERR from the control buffer of `header`.
fn icmp(header: &msghdr) -> Option<Icmp> {
    // SAFETY: the kernel filled `msg_control`, which is still there, and set `msg_controllen` to what it wrote; the
    // macros stay within it, and this kind of message has a `sock_extended_err`.
    let error = unsafe {
        let mut message = libc::CMSG_FIRSTHDR(header);
        loop {
            let kind = (message.as_ref()?.cmsg_level, (*message).cmsg_type);
            if let (libc::IPPROTO_IP, libc::IP_RECVERR) | (libc::IPPROTO_IPV6, libc::IPV6_RECVERR) =
                kind
            {
                break ptr::read_unaligned(
                    libc::CMSG_DATA(message).cast::<libc::sock_extended_err>(),
                );
            }
            message = libc::CMSG_NXTHDR(header, message);
        }
    };
    let is_icmp = matches!(
        error.ee_origin,
        libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6
    );
    is_icmp.then_some(Icmp {
        kind: error.ee_type,
        code: error.ee_code,
        mtu: error.ee_info,
    })
}

fn header(
    name: *mut c_void,
    name_bytes: usize,
    vectors: *mut iovec,
    vectors_count: usize,
    control: *mut c_void,
    control_bytes: usize,
) -> msghdr {
    // SAFETY: all zeros are a valid msghdr; some systems have padding in it that has no name.
    let mut header: msghdr = unsafe { mem::zeroed() };
    header.msg_name = name;
    header.msg_namelen = name_bytes as libc::socklen_t;
    header.msg_iov = vectors;
    header.msg_iovlen = vectors_count as _;
    header.msg_control = control;
    header.msg_controllen = control_bytes as _;
    header
}

/// Writes UDP_SEGMENT into the control buffer of `header`.
fn write_segment_bytes(header: &mut msghdr, bytes: u16) {
    const LENGTH: u32 = mem::size_of::<u16>() as u32;
    // SAFETY: `msg_control` points to a `Control`, which is aligned for cmsghdr and longer than CMSG_SPACE(2) = 24.
    unsafe {
        let message = &mut *libc::CMSG_FIRSTHDR(header);
        message.cmsg_level = libc::SOL_UDP;
        message.cmsg_type = libc::UDP_SEGMENT;
        message.cmsg_len = libc::CMSG_LEN(LENGTH) as _;
        ptr::write_unaligned(libc::CMSG_DATA(message).cast::<u16>(), bytes);
        header.msg_controllen = libc::CMSG_SPACE(LENGTH) as _;
    }
}

/// Reads UDP_GRO from the control buffer of `header`; 0 when it is not there.
fn segment_bytes(header: &msghdr) -> usize {
    // SAFETY: the kernel filled `msg_control`, which points to a `Control` that is still there, and set
    // `msg_controllen` to what it wrote; the macros stay within it.
    unsafe {
        let mut message = libc::CMSG_FIRSTHDR(header);
        while !message.is_null() {
            if (*message).cmsg_level == libc::SOL_UDP && (*message).cmsg_type == libc::UDP_GRO {
                return usize::try_from(ptr::read_unaligned(
                    libc::CMSG_DATA(message).cast::<c_int>(),
                ))
                .unwrap_or(0);
            }
            message = libc::CMSG_NXTHDR(header, message);
        }
    }
    0
}

fn address(storage: &sockaddr_storage) -> Option<SocketAddr> {
    match c_int::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: a sockaddr_storage is as large and as aligned as any address; the family says that it is this.
            let address = unsafe { &*ptr::from_ref(storage).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr));
            Some(SocketAddr::new(ip.into(), u16::from_be(address.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let address = unsafe { &*ptr::from_ref(storage).cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(address.sin6_addr.s6_addr);
            let (port, scope) = (u16::from_be(address.sin6_port), address.sin6_scope_id);
            Some(std::net::SocketAddrV6::new(ip, port, 0, scope).into())
        }
        _ => None,
    }
}
