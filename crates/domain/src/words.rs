//! The closed vocabularies of the wire: statuses and types, read in any case and with any separator.

/// The word is none of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word")]
pub struct UnknownWord;

/// A word in lower case with `_` between its parts: `In Progress`, `in-progress` and `IN_PROGRESS` are one.
pub(crate) fn fold(word: &str) -> String {
    word.trim()
        .chars()
        .map(|letter| match letter {
            ' ' | '-' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $title:literal, $snake:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every word of the vocabulary.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Reads the word in any case, with space, `_` or `-` between its parts.
            pub fn parse(word: &str) -> Result<Self, UnknownWord> {
                match fold(word).as_str() {
                    $($snake => Ok(Self::$variant),)+
                    _ => Err(UnknownWord),
                }
            }

            /// As session objects show it: `In Progress`.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// As can-join shows it: `in_progress`.
            pub const fn snake(self) -> &'static str {
                match self { $(Self::$variant => $snake),+ }
            }
        }
    };
}

vocabulary! {
    /// Where a session stands.
    SessionStatus {
        Pending = "Pending", "pending";
        Confirmed = "Confirmed", "confirmed";
        InProgress = "In Progress", "in_progress";
        Completed = "Completed", "completed";
        Cancelled = "Cancelled", "cancelled";
        Declined = "Declined", "declined";
    }
}

vocabulary! {
    /// Where its payment stands.
    PaymentStatus {
        Pending = "Pending", "pending";
        Completed = "Completed", "completed";
        Failed = "Failed", "failed";
        Refunded = "Refunded", "refunded";
    }
}

vocabulary! {
    /// What kind of visit it is.
    SessionType {
        Individual = "Individual", "individual";
        Couple = "Couple", "couple";
        Family = "Family", "family";
        Group = "Group", "group";
        Assessment = "Assessment", "assessment";
    }
}

impl PaymentStatus {
    /// Whether a payment may move from here to `next` (SPEC section 3).
    pub(crate) const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Pending, Self::Completed | Self::Failed)
                | (Self::Failed, Self::Pending | Self::Completed)
                | (Self::Completed, Self::Refunded)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_with_any_separator() {
        for word in ["In Progress", "in_progress", "IN-PROGRESS", " in progress "] {
            assert_eq!(SessionStatus::parse(word), Ok(SessionStatus::InProgress));
        }
        for &status in SessionStatus::ALL {
            assert_eq!(SessionStatus::parse(status.title()), Ok(status));
            assert_eq!(SessionStatus::parse(status.snake()), Ok(status));
        }
        for word in ["", "inprogress", "done"] {
            assert_eq!(SessionStatus::parse(word), Err(UnknownWord), "{word}");
        }
    }

    #[test]
    fn payments_move_as_the_table_says() {
        use PaymentStatus::{Completed, Failed, Pending, Refunded};
        let allowed = [
            (Pending, Completed),
            (Pending, Failed),
            (Failed, Pending),
            (Failed, Completed),
            (Completed, Refunded),
        ];
        for &from in PaymentStatus::ALL {
            for &to in PaymentStatus::ALL {
                assert_eq!(
                    from.may_become(to),
                    allowed.contains(&(from, to)),
                    "{from:?} to {to:?}"
                );
            }
        }
    }
}
