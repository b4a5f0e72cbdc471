//! The rules of a visit. Pure: no I/O, no clock, no randomness, no JSON; time and ids are arguments.

mod admission;
mod call;
mod ice;
mod ids;
mod limits;
mod person;
pub mod roster;
mod session;
mod time;
mod words;

pub use admission::{Door, Reason, Refusal, Visitor, admit, recheck_at};
pub use call::{AHEAD_MAX, CallLength, CallRefusal};
pub use ice::TurnCredential;
pub use ids::{InvalidId, RoomId, SessionId, SocketId, UserId};
pub use limits::{EventBudget, FixedWindow, Verdict, WINDOW};
pub use person::{Person, Role};
pub use session::{BookingRefusal, Change, ChangeRefusal, NewSession, Session, SessionState};
pub use time::{JoinWindow, Timestamp, minutes_until};
pub use words::{PaymentStatus, SessionStatus, SessionType, UnknownWord};
