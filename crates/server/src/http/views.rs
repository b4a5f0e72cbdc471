//! What goes over the wire: the reference's field names, and nothing that decides.

pub(super) mod call;
pub(super) mod ice;
pub(super) mod person;
pub(super) mod scalar;
pub(super) mod session;
pub(super) mod sign_in;
