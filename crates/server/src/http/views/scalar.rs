//! Instants and identifiers as the wire shows them.

use std::fmt::Display;

use holdspace_domain::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::time::rfc3339;

/// RFC 3339, UTC, milliseconds, `Z`.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2025-12-15T14:00:00.000Z"))]
pub(in crate::http) struct Time(pub(in crate::http) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

/// 24 hex digits, in lower case.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{24}$", examples("507f1f77bcf86cd799439011"))]
pub(in crate::http) struct Id<T>(pub(in crate::http) T);

impl<T: Display> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
