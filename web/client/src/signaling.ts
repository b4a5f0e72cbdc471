/** The Socket.IO side of a visit: connects, joins, resumes after a loss, and turns events into typed ones. */

import type { Credentials } from './credentials.js';
import { Emitter } from './emitter.js';
import { HoldspaceError } from './error.js';
import { Socket } from './signaling/socket.js';
import type {
  Acknowledgement,
  CallEnded,
  CallStarted,
  ErrorBody,
  Participant,
  Removed,
  RoomJoined,
  UserLeft,
  UserReconnected,
} from './wire.js';

export interface SignalingOptions {
  /** Where the server is, as for REST. */
  baseUrl: string;
  credentials: Credentials;
  /** Of a place that is kept, from before a reload. */
  resumeToken?: string | null;
}

export interface JoinRequest {
  roomId: string;
  userId: string;
  userName: string;
}

export interface SignalingEvents {
  /** `isReturning`: a place was asked for back, whether or not it was still kept. */
  joined: RoomJoined & { isReturning: boolean };
  'user-joined': Participant;
  'user-left': UserLeft;
  'user-reconnecting': UserLeft;
  'user-reconnected': UserReconnected;
  offer: { offer: RTCSessionDescriptionInit; from: string };
  answer: { answer: RTCSessionDescriptionInit; from: string };
  'ice-candidate': { candidate: RTCIceCandidateInit | null; from: string };
  'call-started': CallStarted;
  'call-ended': CallEnded;
  removed: Removed;
  /** The connection is gone; it comes back by itself. */
  lost: void;
  /** The server asks for a break; the connection is tried again after it. */
  held: HoldspaceError;
  /** It does not come back. */
  refused: HoldspaceError;
}

const PASSED_ON = [
  'user-joined',
  'user-left',
  'user-reconnecting',
  'user-reconnected',
  'offer',
  'answer',
  'ice-candidate',
  'call-started',
  'call-ended',
  'removed',
] as const;

const JOIN_TIMEOUT_MS = 10_000;
/** After these errors the server disconnects. Others tell of a single event. */
const ENDING: readonly string[] = ['CONNECTION_TIMEOUT', 'RATE_LIMIT_EXCEEDED', 'AUTHENTICATION_FAILED'];
const LEAVE_TIMEOUT_MS = 1_000;
const HOLD_MS = 2_000;

export class Signaling extends Emitter<SignalingEvents> {
  readonly #options: SignalingOptions;
  readonly #socket: Socket;
  #request: JoinRequest | null = null;
  #resumeToken: string | null;
  #lastError: HoldspaceError | null = null;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  #isInRoom = false;
  #isReturning = false;
  #isProbing = false;
  /** Renewed since the last join: one that is refused as well is not worth another. */
  #isTokenNew = false;

  constructor(options: SignalingOptions) {
    super();
    this.#options = options;
    this.#resumeToken = options.resumeToken ?? null;
    this.#socket = new Socket({ endpoint: new URL('socket.io/', options.baseUrl), auth: () => this.#auth() });
    this.#socket.on('connect', () => void this.#join());
    this.#socket.on('refused', (data) => this.#onConnectionRefused(data));
    this.#socket.on('lost', () => this.#onLost());
    this.#socket.on('ended', () => this.#onEnded());
    this.#socket.on('event', ({ name, payload }) => this.#onEvent(name, payload));
  }

  /** Signals reach the server. */
  get isInRoom(): boolean {
    return this.#isInRoom;
  }

  /** What a reload of the page needs to get its place back. */
  get resumeToken(): string | null {
    return this.#resumeToken;
  }

  /** Connects and joins, and does so again after every loss until {@link close} or a refusal. */
  open(request: JoinRequest): void {
    this.close();
    this.#lastError = null;
    this.#request = request;
    this.#socket.connect();
  }

  /** Nothing is sent outside a room: after the next `joined` the caller brings the other side up to date. */
  sendDescription(description: RTCSessionDescriptionInit, to: string): void {
    const kind = description.type === 'offer' ? 'offer' : 'answer';
    void this.#sendConfirmed(kind, { [kind]: description, to });
  }

  sendCandidate(candidate: RTCIceCandidateInit, to: string): void {
    if (this.#isInRoom) {
      this.#socket.send('ice-candidate', { candidate, to });
    }
  }

  /** Notices a dead connection long before a heartbeat would. A signal to oneself is one that disturbs nobody. */
  probe(): void {
    if (this.#isInRoom && !this.#isProbing) {
      this.#isProbing = true;
      void this.#sendConfirmed('ice-candidate', { candidate: null, to: this.#socket.id }).finally(() => {
        this.#isProbing = false;
      });
    }
  }

  /** The network is there again, or another one: does not wait for the next try. */
  hurry(): void {
    if (this.#socket.id !== null) {
      this.probe();
    } else if (this.#socket.isActive) {
      this.#socket.connect();
    }
  }

  /** Gives the place up, then closes. */
  async leave(): Promise<void> {
    const request = this.#request;
    if (this.#isInRoom && request) {
      const { roomId, userId } = request;
      // Whatever still comes is no longer meant for anybody.
      this.#isInRoom = false;
      await this.#socket.ask('leave-room', { roomId, userId }, LEAVE_TIMEOUT_MS).catch(() => undefined);
    }
    // Meanwhile the person may have come back.
    if (this.#request === request) {
      this.#resumeToken = null;
      this.close();
    }
  }

  close(): void {
    clearTimeout(this.#holdTimer);
    this.#isInRoom = false;
    this.#request = null;
    this.#socket.close();
  }

  #auth(): object {
    return { token: this.#options.credentials.token, ...(this.#resumeToken ? { resumeToken: this.#resumeToken } : {}) };
  }

  /** What the server does not confirm in time went into a dead connection: a new one resumes. */
  async #sendConfirmed(name: string, payload: object): Promise<void> {
    const { id } = this.#socket;
    if (!this.#isInRoom) {
      return;
    }
    try {
      await this.#socket.ask(name, payload);
    } catch {
      if (this.#socket.id === id && id !== null) {
        this.#socket.reconnect();
      }
    }
  }

  async #join(): Promise<void> {
    const { id } = this.#socket;
    this.#isReturning = this.#resumeToken !== null;
    const request = { ...this.#request, ...(this.#resumeToken ? { resumeToken: this.#resumeToken } : {}) };
    performance.mark('holdspace:join-room');
    try {
      const reply = (await this.#socket.ask('join-room', request, JOIN_TIMEOUT_MS)) as Acknowledgement<unknown>;
      if (!reply.success) {
        this.#onRefusal(HoldspaceError.fromBody(reply.error));
      }
    } catch {
      // A half-open connection.
      if (this.#socket.id === id && id !== null && !this.#isInRoom) {
        this.#socket.reconnect();
      }
    }
  }

  #onEvent(name: string, payload: unknown): void {
    if (name === 'room-joined') {
      this.#onJoined(payload as RoomJoined);
    } else if (name === 'error') {
      this.#lastError = HoldspaceError.fromBody(payload as ErrorBody);
    } else if (this.#isInRoom && isPassedOn(name)) {
      if (name === 'removed') {
        this.#isInRoom = false;
        this.#resumeToken = null;
      }
      this.emit(name, payload as SignalingEvents[typeof name]);
    }
  }

  #onJoined(joined: RoomJoined): void {
    this.#isInRoom = true;
    this.#isTokenNew = false;
    this.#lastError = null;
    this.#resumeToken = joined.resumeToken ?? null;
    this.emit('joined', { ...joined, isReturning: this.#isReturning });
  }

  #onConnectionRefused(data: unknown): void {
    const error = HoldspaceError.fromBody((data ?? { code: 'UNKNOWN', message: '' }) as ErrorBody);
    if (error.code === 'AUTHENTICATION_FAILED') {
      void this.#onTokenRefused(error);
    } else {
      this.#onRefusal(error);
    }
  }

  async #onTokenRefused(error: HoldspaceError): Promise<void> {
    const { credentials } = this.#options;
    const request = this.#request;
    const isRenewed = !this.#isTokenNew && (await credentials.renew(credentials.token));
    if (this.#request !== request || request === null) {
      return;
    }
    if (isRenewed) {
      this.#isTokenNew = true;
      this.#socket.connect();
    } else {
      this.#onRefusal(error);
    }
  }

  #onLost(): void {
    this.#isInRoom = false;
    this.emit('lost', undefined);
  }

  #onEnded(): void {
    this.#isInRoom = false;
    if (this.#lastError && ENDING.includes(this.#lastError.code)) {
      this.#onRefusal(this.#lastError);
    } else {
      this.emit('lost', undefined);
      this.#hold(HOLD_MS);
    }
  }

  #onRefusal(error: HoldspaceError): void {
    if (error.code === 'RATE_LIMIT_EXCEEDED' || error.code === 'INTERNAL_ERROR' || error.code === 'SERVICE_UNAVAILABLE') {
      this.emit('held', error);
      this.#hold(error.retryAfterSeconds === null ? HOLD_MS : error.retryAfterSeconds * 1000);
      return;
    }
    this.close();
    this.emit('refused', error);
  }

  #hold(delayMs: number): void {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => {
      if (this.#socket.id === null) {
        this.#socket.connect();
      } else {
        void this.#join();
      }
    }, delayMs);
  }
}

function isPassedOn(name: string): name is (typeof PASSED_ON)[number] {
  return (PASSED_ON as readonly string[]).includes(name);
}
