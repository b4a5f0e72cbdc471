//! People and their password hashes.

use async_trait::async_trait;
use holdspace_domain::{Person, UserId};
use sqlx::SqliteConnection;

use super::Sqlite;
use super::cache::Lookup;
use super::queue::{key_list, padded};
use super::rows::Columns;
use super::writer::Write;
use crate::{Credentials, NewUser, PasswordHash, StoreError, UserInsert, UserStore};

#[async_trait]
impl UserStore for Sqlite {
    async fn insert_user(&self, user: &NewUser) -> Result<UserInsert, StoreError> {
        self.writer.submit(Insert(user.clone())).await
    }

    async fn load_user(&self, id: UserId) -> Result<Option<Person>, StoreError> {
        self.reader.find(&self.reader.people, &id).await
    }

    async fn load_user_by_email(&self, email: &str) -> Result<Option<Person>, StoreError> {
        let found = self.load_credentials(email).await?;
        Ok(found.map(|credentials| credentials.person))
    }

    async fn load_credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let mut connection = self.reader.connection().await?;
        let row =
            sqlx::query("SELECT id, name, email, role, password FROM users WHERE email_folded = ?")
                .bind(folded(email))
                .fetch_optional(&mut *connection)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let mut columns = Columns::of(&row);
        Ok(Some(Credentials {
            person: columns.person()?,
            password: columns.take::<Option<String>>()?.map(PasswordHash::new),
        }))
    }
}

#[async_trait]
impl Lookup for UserId {
    type Record = Person;

    async fn look_up(
        keys: &[Self],
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(Self, Person)>, StoreError> {
        let query = if let [key] = keys {
            sqlx::query("SELECT id, name, email, role FROM users WHERE id = ?")
                .bind(&key.as_bytes()[..])
        } else {
            let list = concat!(
                "SELECT id, name, email, role FROM users WHERE id IN ",
                key_list!()
            );
            padded(keys).fold(sqlx::query(list), |query, key| {
                query.bind(&key.as_bytes()[..])
            })
        };
        let rows = query.fetch_all(connection).await?;
        let people = rows.iter().map(|row| Columns::of(row).person());
        people
            .map(|person| person.map(|person| (person.id, person)))
            .collect()
    }
}

/// Under which form an e-mail address is unique.
fn folded(email: &str) -> String {
    email.to_lowercase()
}

struct Insert(NewUser);

#[async_trait]
impl Write for Insert {
    type Answer = UserInsert;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<UserInsert, StoreError> {
        let NewUser { person, password } = &self.0;
        let inserted = sqlx::query(
            "INSERT INTO users (id, name, email, email_folded, role, password)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(&person.id.as_bytes()[..])
        .bind(person.name.as_str())
        .bind(person.email.as_str())
        .bind(folded(&person.email))
        .bind(person.role.as_str())
        .bind(password.as_ref().map(PasswordHash::expose))
        .execute(connection)
        .await?;
        Ok(match inserted.rows_affected() {
            0 => UserInsert::Known,
            _ => UserInsert::New,
        })
    }
}
