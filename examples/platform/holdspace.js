// What the platform asks of Holdspace: to book a visit, to let people into it, to tell what has become of it.
import { randomBytes } from 'node:crypto';
import { signToken } from './tokens.js';

/** The platform's own requests are over in a moment. */
const ADMIN_TOKEN_SECONDS = 60;
/** From the earliest moment to join to the end of a long visit. The page asks for another before it expires. */
const VISIT_TOKEN_SECONDS = 60 * 60;

export class Holdspace {
  #secret;
  #admin = { id: newId(), role: 'admin', name: 'Platform' };

  /**
   * @param {string} url where people's browsers and this backend reach the server, like `https://visits.example.org/`
   * @param {string} secret `auth.jwt_secret` of that server
   */
  constructor(url, secret) {
    this.url = url;
    this.#secret = secret;
  }

  /** Books a visit that is paid, or finds it again: the appointment's own number makes it one, however often it is asked. */
  async book({ number, client, psychologist, at }) {
    const { session } = await this.#call('POST', 'sessions', {
      externalId: number,
      client: personOf(client),
      psychologist: personOf(psychologist),
      sessionDate: at.toISOString(),
      status: 'Confirmed',
      paymentStatus: 'Completed',
    });
    return session;
  }

  /** The visit as it is recorded: its status, when it began, how long it took. */
  async session(id) {
    return (await this.#call('GET', `sessions/${id}`)).session;
  }

  async cancel(id) {
    return (await this.#call('PATCH', `sessions/${id}`, { status: 'Cancelled' })).session;
  }

  /** What somebody's browser needs to join. */
  ticket(sessionId, user) {
    return { server: this.url, session: sessionId, token: signToken(this.#secret, user, VISIT_TOKEN_SECONDS) };
  }

  async #call(method, path, body) {
    const response = await fetch(new URL(`api/v1/${path}`, this.url), {
      method,
      headers: { 'x-auth-token': signToken(this.#secret, this.#admin, ADMIN_TOKEN_SECONDS), 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const reply = await response.json();
    if (!reply.success) {
      throw new Error(`Holdspace refused ${method} ${path}: ${reply.error.code}, ${reply.error.message}`);
    }
    return reply.data;
  }
}

/** An id as Holdspace takes it. A platform whose own ids look different keeps one beside each of them. */
export function newId() {
  return randomBytes(12).toString('hex');
}

function personOf({ id, name, email }) {
  return { id, name, email };
}
