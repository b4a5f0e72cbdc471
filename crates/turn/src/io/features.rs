//! What the kernel can do, found out by asking it.
use std::fmt;

use crate::config::Path;

/// How datagrams are read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Features {
    /// recvmmsg and sendmmsg.
    pub(crate) has_batches: bool,
    /// One system call for a burst to one destination.
    pub(crate) has_gso: bool,
    /// A burst from one source is read as one.
    pub(crate) has_gro: bool,
}

impl Features {
    #[cfg(target_os = "linux")]
    pub(crate) fn detect(path: Path) -> Self {
        match path {
            Path::Fastest => super::options::detect(),
            Path::Portable => Self::default(),
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn detect(_: Path) -> Self {
        Self::default()
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_batches {
            return f.write_str("one datagram a system call");
        }
        f.write_str("recvmmsg, sendmmsg")?;
        if self.has_gso {
            f.write_str(", UDP GSO")?;
        }
        if self.has_gro {
            f.write_str(", UDP GRO")?;
        }
        Ok(())
    }
}
