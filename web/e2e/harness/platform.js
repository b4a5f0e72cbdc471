// The platform around the server: issues tokens, books sessions, reads the record.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';

export const MINUTE_MS = 60_000;

/** An HS256 token as a platform of one's own would issue it. */
export function signToken(secret, claims, lifetimeSeconds = 3600) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp: Math.floor(Date.now() / 1000) + lifetimeSeconds, ...claims })}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

export const newId = () => randomBytes(12).toString('hex');

export class Platform {
  #server;
  #token;

  constructor(server) {
    this.#server = server;
    this.#token = signToken(server.secret, { sub: newId(), role: 'admin', name: 'Platform' });
  }

  /** Books a session for two people who exist for it alone, and gives everything that is needed to join it. */
  async book({ startsInMinutes = 0, ...session } = {}) {
    const client = await this.addUser('John Doe', 'client');
    const psychologist = await this.addUser('Dr. Jane Smith', 'psychologist');
    const { session: booked } = await this.call('POST', 'sessions', {
      client: client.id,
      psychologist: psychologist.id,
      sessionDate: new Date(Date.now() + startsInMinutes * MINUTE_MS).toISOString(),
      status: 'Confirmed',
      paymentStatus: 'Completed',
      ...session,
    });
    return { id: booked.id, client: this.#guest(client, booked.id), psychologist: this.#guest(psychologist, booked.id) };
  }

  async addUser(name, role) {
    const id = newId();
    const { user } = await this.call('POST', 'users', { id, name, role, email: `${id}@example.com` });
    return { id: user.id, name, role, token: this.tokenOf(user.id, role, name) };
  }

  tokenOf(id, role, name, lifetimeSeconds = undefined) {
    return signToken(this.#server.secret, { sub: id, role, name }, lifetimeSeconds);
  }

  linkTo(sessionId, token) {
    return `${this.#server.url}call/#session=${sessionId}&token=${token}`;
  }

  change(sessionId, changes) {
    return this.call('PATCH', `sessions/${sessionId}`, changes);
  }

  async session(sessionId) {
    return (await this.call('GET', `sessions/${sessionId}`)).session;
  }

  /** What was recorded: complete, and with a duration that fits its own times. */
  async completed(sessionId) {
    const session = await this.session(sessionId);
    assert.equal(session.status, 'Completed');
    const minutes = (Date.parse(session.videoCallEnded) - Date.parse(session.videoCallStarted)) / MINUTE_MS;
    assert.ok(minutes >= 0);
    assert.equal(session.callDuration, Math.floor(minutes + 0.5));
    return session;
  }

  async call(method, path, body = undefined, token = this.#token) {
    const response = await fetch(new URL(`api/v1/${path}`, this.#server.url), {
      method,
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const reply = await response.json();
    assert.ok(reply.success, `${method} ${path}: ${response.status} ${JSON.stringify(reply)}`);
    return reply.data;
  }

  #guest(user, sessionId) {
    return { ...user, link: this.linkTo(sessionId, user.token) };
  }
}
