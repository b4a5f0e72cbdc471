-- Ids are 12 bytes, times are milliseconds since the Unix epoch, words are those of the wire in lower snake case.

CREATE TABLE users (
    id           BLOB PRIMARY KEY CHECK (length(id) = 12),
    name         TEXT NOT NULL,
    email        TEXT NOT NULL,
    -- The address in lower case (Unicode, folded by the program): unique without regard to case.
    email_folded TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL CHECK (role IN ('client', 'psychologist', 'admin')),
    -- A PHC string, for those who sign in here.
    password     TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id               BLOB PRIMARY KEY CHECK (length(id) = 12),
    external_id      TEXT UNIQUE,
    session_date     INTEGER NOT NULL,
    duration_minutes INTEGER NOT NULL CHECK (duration_minutes BETWEEN 1 AND 1440),
    session_type     TEXT NOT NULL
                     CHECK (session_type IN ('individual', 'couple', 'family', 'group', 'assessment')),
    status           TEXT NOT NULL,
    payment          TEXT NOT NULL
                     CHECK (payment IN ('pending', 'completed', 'failed', 'refunded')),
    started_at       INTEGER,
    ended_at         INTEGER,
    room             TEXT UNIQUE,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    version          INTEGER NOT NULL CHECK (version >= 0),
    -- A status comes with the facts that belong to it, and with no others.
    CONSTRAINT facts CHECK (CASE status
        WHEN 'pending'     THEN started_at IS NULL AND ended_at IS NULL
        WHEN 'confirmed'   THEN started_at IS NULL AND ended_at IS NULL
        WHEN 'declined'    THEN started_at IS NULL AND ended_at IS NULL
        WHEN 'cancelled'   THEN ended_at IS NULL
        WHEN 'in_progress' THEN started_at IS NOT NULL AND ended_at IS NULL
        WHEN 'completed'   THEN started_at IS NOT NULL AND ended_at IS NOT NULL
                                AND ended_at >= started_at
        ELSE FALSE
    END)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_date ON sessions (session_date, id);
CREATE INDEX sessions_by_status ON sessions (status, session_date, id);

-- Who is booked: seat 0 is the client, 1 the psychologist, the rest are guests.
CREATE TABLE session_people (
    session      BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seat         INTEGER NOT NULL CHECK (seat >= 0),
    person       BLOB NOT NULL REFERENCES users (id),
    -- The session's own, so that one index lists a person's sessions in order.
    session_date INTEGER NOT NULL,
    PRIMARY KEY (session, seat),
    UNIQUE (session, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_people_by_person ON session_people (person, session_date, session);

CREATE TRIGGER session_people_follow_the_date
AFTER UPDATE OF session_date ON sessions WHEN new.session_date <> old.session_date
BEGIN
    UPDATE session_people SET session_date = new.session_date WHERE session = new.id;
END;

CREATE TABLE refresh_tokens (
    digest     BLOB PRIMARY KEY CHECK (length(digest) = 32),
    family     BLOB NOT NULL CHECK (length(family) = 16),
    person     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    spent      INTEGER NOT NULL DEFAULT 0 CHECK (spent IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_person ON refresh_tokens (person);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Not tied to users: a platform that signs its own tokens need not store who bears them.
CREATE TABLE idempotency (
    person      BLOB NOT NULL CHECK (length(person) = 12),
    path        TEXT NOT NULL,
    key         TEXT NOT NULL,
    body_digest BLOB NOT NULL CHECK (length(body_digest) = 32),
    claimed_at  INTEGER NOT NULL,
    answered_at INTEGER,
    status      INTEGER,
    reply       BLOB,
    PRIMARY KEY (person, path, key),
    CONSTRAINT whole_reply CHECK ((answered_at IS NULL) = (status IS NULL)
                              AND (answered_at IS NULL) = (reply IS NULL))
) STRICT;

CREATE INDEX idempotency_by_age ON idempotency (coalesce(answered_at, claimed_at));

CREATE TABLE nodes (
    node     TEXT PRIMARY KEY,
    began_at INTEGER NOT NULL,
    alive_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each node keeps its own roster of a session's room: a copy that another one restores is not the truth.
CREATE TABLE presence (
    session BLOB NOT NULL CHECK (length(session) = 12),
    roster  TEXT NOT NULL,
    node    TEXT NOT NULL REFERENCES nodes (node),
    PRIMARY KEY (session, node)
) STRICT;

CREATE INDEX presence_by_node ON presence (node);

-- What a readiness probe writes.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL
) STRICT;
