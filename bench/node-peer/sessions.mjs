// The peer's store: better-sqlite3 with prepared statements, and the sessions that the benchmark expects in it.
import Database from 'better-sqlite3';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, role TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, room_id TEXT UNIQUE, client_id TEXT NOT NULL REFERENCES users (id),
    psychologist_id TEXT NOT NULL REFERENCES users (id), session_date INTEGER NOT NULL,
    status TEXT NOT NULL, payment_status TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** Opens the database at `path` and, when it is new, books `count` visits that can be joined now. */
export function openSessions(path, count) {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.exec(SCHEMA);
  if (count > 0 && database.prepare('SELECT count(*) AS n FROM sessions').get().n === 0) seed(database, count);
  const byId = database.prepare('SELECT * FROM sessions WHERE id = ?');
  const byRoom = database.prepare('SELECT * FROM sessions WHERE room_id = ?');
  return {
    byId: (id) => byId.get(id),
    byRoom: (roomId) => byRoom.get(roomId),
    isParticipant: (session, userId) => session.client_id === userId || session.psychologist_id === userId,
  };
}

function seed(database, count) {
  const user = database.prepare('INSERT INTO users VALUES (?, ?, ?, ?)');
  const session = database.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)');
  const now = Date.now();
  database.transaction(() => {
    for (let number = 0; number < count; number += 1) {
      const hex = number.toString(16);
      const client = `c1${hex.padStart(22, '0')}`;
      const psychologist = `d0${hex.padStart(22, '0')}`;
      user.run(client, `Client ${number}`, `client-${number}@example.com`, 'client');
      user.run(psychologist, `Dr. ${number}`, `doctor-${number}@example.com`, 'psychologist');
      const room = `room-00000000-0000-4000-8000-${hex.padStart(12, '0')}`;
      session.run(`5e${hex.padStart(22, '0')}`, room, client, psychologist, now, 'confirmed', 'completed');
    }
  })();
}
