//! Pages of sessions, latest first, each found by continuing in an index.

use sqlx::{QueryBuilder, SqliteConnection};

use super::rows::{bookings, select_bookings};
use crate::{Page, SessionFilter, StoreError};

/// The largest page.
const LIMIT_MAX: usize = 100;

/// One page and whether another follows, in one query.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    filter: &SessionFilter,
) -> Result<Page, StoreError> {
    let limit = filter.limit.clamp(1, LIMIT_MAX);
    let mut query = QueryBuilder::new("WITH page (id) AS MATERIALIZED (");
    push_page(&mut query, filter, limit + 1);
    query.push(select_bookings!(
        ")",
        "WHERE s.id IN page ORDER BY s.session_date DESC, s.id DESC, p.seat"
    ));
    let rows = query.build().fetch_all(connection).await?;
    let mut bookings = bookings(&rows)?;
    let more = bookings.len() > limit;
    bookings.truncate(limit);
    Ok(Page { bookings, more })
}

/// The ids of the page. A person's sessions are found through `session_people`, which carries the date.
fn push_page(query: &mut QueryBuilder<sqlx::Sqlite>, filter: &SessionFilter, limit: usize) {
    let (date, id) = if let Some(user) = filter.user {
        query.push("SELECT k.session FROM session_people k WHERE k.person = ");
        query.push_bind(user.as_bytes().to_vec());
        ("k.session_date", "k.session")
    } else {
        query.push("SELECT k.id FROM sessions k WHERE TRUE");
        ("k.session_date", "k.id")
    };
    if let Some(status) = filter.status {
        query.push(match filter.user {
            Some(_) => " AND (SELECT status FROM sessions WHERE id = k.session) = ",
            None => " AND k.status = ",
        });
        query.push_bind(status.snake());
    }
    if let Some(from) = filter.from {
        query.push(format_args!(" AND {date} >= "));
        query.push_bind(from.as_millis());
    }
    if let Some(to) = filter.to {
        query.push(format_args!(" AND {date} <= "));
        query.push_bind(to.as_millis());
    }
    if let Some((after, last)) = filter.after {
        query.push(format_args!(" AND ({date}, {id}) < ("));
        query.push_bind(after.as_millis()).push(", ");
        query.push_bind(last.as_bytes().to_vec()).push(")");
    }
    query.push(format_args!(" ORDER BY {date} DESC, {id} DESC LIMIT "));
    query.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
}
