//! People and their addresses.

use std::sync::Arc;

use holdspace_domain::{Person, Role, UserId};
use holdspace_store::{NewUser, PasswordHash, Store, UserInsert};

use super::Stores;

pub(crate) const CLIENT: UserId = UserId::from_bytes([1; 12]);
pub(crate) const PSYCHOLOGIST: UserId = UserId::from_bytes([2; 12]);
pub(crate) const GUEST: UserId = UserId::from_bytes([3; 12]);
pub(crate) const STRANGER: UserId = UserId::from_bytes([9; 12]);

pub(crate) fn person(id: UserId) -> Person {
    let number = id.as_bytes()[0];
    Person {
        id,
        name: format!("Person {number}"),
        email: format!("Person.{number}@Example.org"),
        role: if number == 2 {
            Role::Psychologist
        } else {
            Role::Client
        },
    }
}

pub(crate) async fn add(store: &Arc<dyn Store>, id: UserId) -> UserInsert {
    let user = NewUser {
        person: person(id),
        password: None,
    };
    store.insert_user(&user).await.unwrap()
}

pub(crate) async fn a_person_comes_back_as_stored(stores: Stores) {
    let password = PasswordHash::new("$argon2id$v=19$hash".to_owned());
    let user = NewUser {
        person: person(CLIENT),
        password: Some(password.clone()),
    };
    assert_eq!(
        stores.one.insert_user(&user).await.unwrap(),
        UserInsert::New
    );
    add(&stores.one, PSYCHOLOGIST).await;

    let store = &stores.other;
    assert_eq!(store.load_user(CLIENT).await.unwrap(), Some(person(CLIENT)));
    let found = store.load_credentials(&person(CLIENT).email).await.unwrap();
    let found = found.unwrap();
    assert_eq!(
        (found.person, found.password),
        (person(CLIENT), Some(password))
    );
    let found = store.load_credentials(&person(PSYCHOLOGIST).email).await;
    assert_eq!(found.unwrap().unwrap().password, None);
    assert_eq!(store.load_user(STRANGER).await.unwrap(), None);
    assert!(
        store
            .load_credentials("nobody@example.org")
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn an_address_is_known_in_any_case(stores: Stores) {
    let user = NewUser {
        person: Person {
            email: "Jürgen.Ärger@Example.ORG".to_owned(),
            ..person(CLIENT)
        },
        password: None,
    };
    stores.one.insert_user(&user).await.unwrap();
    for email in ["jürgen.ärger@example.org", "JÜRGEN.ÄRGER@EXAMPLE.ORG"] {
        let found = stores.one.load_user_by_email(email).await.unwrap();
        assert_eq!(found.as_ref(), Some(&user.person), "{email}");
    }
    let found = stores.one.load_user_by_email("jurgen.arger@example.org");
    assert_eq!(found.await.unwrap(), None);
}

pub(crate) async fn a_known_id_or_address_changes_nothing(stores: Stores) {
    add(&stores.one, CLIENT).await;
    let same_id = Person {
        email: "new@example.org".to_owned(),
        ..person(CLIENT)
    };
    let same_address = Person {
        id: STRANGER,
        email: person(CLIENT).email.to_uppercase(),
        ..person(CLIENT)
    };
    for person in [same_id, same_address] {
        let user = NewUser {
            person,
            password: None,
        };
        let answer = stores.other.insert_user(&user).await.unwrap();
        assert_eq!(answer, UserInsert::Known);
    }
    let found = stores.one.load_user(CLIENT).await.unwrap();
    assert_eq!(found, Some(person(CLIENT)));
    assert_eq!(stores.one.load_user(STRANGER).await.unwrap(), None);
}

pub(crate) async fn of_many_with_one_address_one_is_new(stores: Stores) {
    let answers = stores
        .crowd(|number, store| async move {
            let mut user = NewUser {
                person: person(CLIENT),
                password: None,
            };
            user.person.id = UserId::from_bytes([u8::try_from(number).unwrap(); 12]);
            store.insert_user(&user).await.unwrap()
        })
        .await;
    let new = answers.iter().filter(|&&answer| answer == UserInsert::New);
    assert_eq!(new.count(), 1);
}

pub(crate) async fn nothing_is_shown_of_a_person_in_debug(stores: Stores) {
    add(&stores.one, CLIENT).await;
    let found = stores.one.load_credentials(&person(CLIENT).email).await;
    let shown = format!("{:?}", found.unwrap());
    assert!(
        !shown.contains("Person 1") && !shown.contains("xample"),
        "{shown}"
    );
}
