//! An event of a client.
use std::borrow::Cow;

use bytes::Bytes;

use crate::Args;

/// An event that a client emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its name. A name that is a number is given as its text.
    pub name: Cow<'a, str>,
    /// What came with it.
    pub args: Args<'a>,
    /// The binary attachments. The arguments hold `{"_placeholder":true,"num":N}` where the Nth belongs; whether the
    /// placeholders fit is for whoever uses the attachments to check.
    pub attachments: &'a [Bytes],
    /// Where to send the acknowledgement, when the client asked for one.
    pub ack: Option<AckId>,
}

/// An acknowledgement that a client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckId(pub(crate) u64);
