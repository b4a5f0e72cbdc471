/** The REST endpoints that a visit needs. The token travels in a header, never in an address. */

import type { Credentials } from './credentials.js';
import { open } from './envelope.js';
import { HoldspaceError, NETWORK_UNREACHABLE } from './error.js';
import { pause } from './pause.js';
import { ATTEMPTS_MAX, retryDelayMs } from './retry.js';
import type { CanJoin, Ended, IceConfig, Room, Session, Started } from './wire.js';

export interface RestOptions {
  /** Where the server is: `https://visits.example.org/`. */
  baseUrl: string;
  credentials: Credentials;
  /** Told before each wait, so that a person can be told. */
  onWait?: (error: HoldspaceError, delayMs: number) => void;
}

/** What the server said of its limit with its last answer. */
export interface RequestsLeft {
  requestsLeft: number | null;
  requestsResetAt: Date | null;
}

/** An answer that takes longer does not come. */
const ANSWER_MAX_MS = 10_000;

interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
  signal?: AbortSignal | undefined;
  attemptsMax?: number;
}

export class Rest {
  readonly #options: RestOptions;
  #clockAheadMs = 0;
  #left: RequestsLeft = { requestsLeft: null, requestsResetAt: null };

  constructor(options: RestOptions) {
    this.#options = options;
  }

  get left(): RequestsLeft {
    return this.#left;
  }

  /** The server's clock, as far as its answers showed it. */
  now(): Date {
    return new Date(Date.now() + this.#clockAheadMs);
  }

  session(sessionId: string, signal?: AbortSignal): Promise<Session> {
    return this.#call<{ session: Session }>({ method: 'GET', path: `sessions/${sessionId}`, signal }).then((data) => data.session);
  }

  /** Asked once: whoever asks decides what a refusal means and when to ask again. */
  canJoin(sessionId: string, signal?: AbortSignal): Promise<CanJoin> {
    return this.#call({ method: 'GET', path: `video-calls/can-join/${sessionId}`, signal, attemptsMax: 1 });
  }

  iceConfig(signal?: AbortSignal, attemptsMax?: number): Promise<IceConfig> {
    return this.#call({ method: 'GET', path: 'video-calls/config', signal, ...(attemptsMax ? { attemptsMax } : {}) });
  }

  generateRoom(sessionId: string, signal?: AbortSignal): Promise<Room> {
    return this.#call({ method: 'POST', path: `video-calls/generate-room/${sessionId}`, body: {}, signal });
  }

  /** Without a time of one's own: the server's clock is the one that counts. */
  start(sessionId: string, signal?: AbortSignal): Promise<Started> {
    return this.#call({ method: 'POST', path: `video-calls/start/${sessionId}`, body: {}, signal });
  }

  end(sessionId: string, signal?: AbortSignal): Promise<Ended> {
    return this.#call({ method: 'POST', path: `video-calls/end/${sessionId}`, body: {}, signal });
  }

  async #call<Data>(call: Call): Promise<Data> {
    // One key for all attempts: a repeated request is the same request.
    const headers = call.method === 'POST' ? { 'Idempotency-Key': randomKey() } : {};
    for (let attempt = 1; ; attempt += 1) {
      const { credentials } = this.#options;
      const { token } = credentials;
      try {
        return await this.#attempt<Data>(call, token, headers);
      } catch (cause) {
        call.signal?.throwIfAborted();
        const error = HoldspaceError.from(cause);
        if (error.code === 'AUTHENTICATION_FAILED' && attempt === 1 && (await credentials.renew(token))) {
          continue;
        }
        const isLast = attempt >= (call.attemptsMax ?? ATTEMPTS_MAX);
        const delayMs = isLast ? null : retryDelayMs(error, attempt, Math.random());
        if (delayMs === null) {
          throw error;
        }
        this.#options.onWait?.(error, delayMs);
        await pause(delayMs, call.signal);
      }
    }
  }

  async #attempt<Data>(call: Call, token: string, headers: Record<string, string>): Promise<Data> {
    const response = await fetch(new URL(`api/v1/${call.path}`, this.#options.baseUrl), {
      method: call.method,
      headers: {
        'x-auth-token': token,
        ...(call.body ? { 'Content-Type': 'application/json' } : {}),
        ...headers,
      },
      body: call.body ? JSON.stringify(call.body) : null,
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.any([AbortSignal.timeout(ANSWER_MAX_MS), ...(call.signal ? [call.signal] : [])]),
    }).catch((cause: unknown) => {
      throw new HoldspaceError(NETWORK_UNREACHABLE, String(cause));
    });
    this.#learnClock(response.headers.get('date'));
    this.#learnLimit(response.headers);
    const body: unknown = await response.json().catch(() => undefined);
    return open<Data>({ status: response.status, retryAfter: response.headers.get('retry-after'), body });
  }

  #learnLimit(headers: Headers): void {
    const [left, reset] = ['x-ratelimit-remaining', 'x-ratelimit-reset'].map((name) => Number(headers.get(name) ?? Number.NaN));
    if (left !== undefined && reset !== undefined && Number.isFinite(left + reset)) {
      this.#left = { requestsLeft: left, requestsResetAt: new Date(reset * 1000) };
    }
  }

  /** The header has whole seconds, so a smaller difference says nothing. */
  #learnClock(header: string | null): void {
    const aheadMs = header === null ? Number.NaN : Date.parse(header) - Date.now();
    if (Number.isFinite(aheadMs)) {
      this.#clockAheadMs = Math.abs(aheadMs) > 1500 ? aheadMs : 0;
    }
  }
}

/** `crypto.randomUUID` exists on secure origins only. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
