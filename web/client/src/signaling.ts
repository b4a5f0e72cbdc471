/** The Socket.IO side of a visit: connects, joins, resumes after a loss, and turns events into typed ones. */

import { type Socket, io } from 'socket.io-client';
import { Emitter } from './emitter.js';
import { HoldspaceError } from './error.js';
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
  token: string;
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
  lost: string;
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
const SIGNAL_TIMEOUT_MS = 3_000;
const LEAVE_TIMEOUT_MS = 1_000;
const RECONNECT_FIRST_MS = 250;
const RECONNECT_MAX_MS = 3_000;
const HOLD_MS = 2_000;

export class Signaling extends Emitter<SignalingEvents> {
  readonly #options: SignalingOptions;
  #socket: Socket | null = null;
  #request: JoinRequest | null = null;
  #resumeToken: string | null;
  #lastError: HoldspaceError | null = null;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  #isInRoom = false;
  #isReturning = false;

  constructor(options: SignalingOptions) {
    super();
    this.#options = options;
    this.#resumeToken = options.resumeToken ?? null;
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
    this.#socket = this.#connect();
  }

  /** Nothing is sent outside a room: after the next `joined` the caller brings the other side up to date. */
  sendDescription(description: RTCSessionDescriptionInit, to: string): void {
    const kind = description.type === 'offer' ? 'offer' : 'answer';
    this.#sendConfirmed(kind, { [kind]: description, to });
  }

  sendCandidate(candidate: RTCIceCandidateInit, to: string): void {
    if (this.#isInRoom && this.#socket?.connected) {
      this.#socket.emit('ice-candidate', { candidate, to });
    }
  }

  /** Notices a dead connection long before a heartbeat would. A signal to oneself is one that disturbs nobody. */
  probe(): void {
    this.#sendConfirmed('ice-candidate', { candidate: null, to: this.#socket?.id });
  }

  /** Gives the place up, then closes. */
  async leave(): Promise<void> {
    const socket = this.#socket;
    if (socket?.connected && this.#isInRoom && this.#request) {
      const { roomId, userId } = this.#request;
      await socket.timeout(LEAVE_TIMEOUT_MS).emitWithAck('leave-room', { roomId, userId }).catch(() => undefined);
    }
    // Meanwhile the person may have come back through a new socket.
    if (this.#socket === socket) {
      this.#resumeToken = null;
      this.close();
    }
  }

  close(): void {
    clearTimeout(this.#holdTimer);
    this.#isInRoom = false;
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = null;
  }

  #connect(): Socket {
    const base = new URL(this.#options.baseUrl);
    const socket = io(base.origin, {
      path: new URL('socket.io/', base).pathname,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      forceNew: true,
      reconnectionDelay: RECONNECT_FIRST_MS,
      reconnectionDelayMax: RECONNECT_MAX_MS,
      // A function, so that each reconnect sends the newest resume token.
      auth: (give) => give({ token: this.#options.token, ...(this.#resumeToken ? { resumeToken: this.#resumeToken } : {}) }),
    });
    socket.on('connect', () => void this.#join(socket));
    socket.on('connect_error', (error: Error & { data?: ErrorBody }) => this.#onConnectError(error.data));
    socket.on('disconnect', (reason: string) => this.#onDisconnect(reason));
    socket.on('error', (body: ErrorBody) => {
      this.#lastError = HoldspaceError.fromBody(body);
    });
    socket.on('room-joined', (joined: RoomJoined) => this.#onJoined(joined));
    for (const name of PASSED_ON) {
      socket.on(name, (payload: SignalingEvents[typeof name]) => this.#pass(name, payload));
    }
    return socket;
  }

  /** What the server does not confirm in time went into a dead connection: a new one resumes. */
  #sendConfirmed(name: string, payload: object): void {
    const socket = this.#socket;
    if (!this.#isInRoom || !socket?.connected) {
      return;
    }
    socket.timeout(SIGNAL_TIMEOUT_MS).emit(name, payload, (error: Error | null) => {
      if (error && socket.connected) {
        socket.io.engine.close();
      }
    });
  }

  async #join(socket: Socket): Promise<void> {
    this.#isReturning = this.#resumeToken !== null;
    const request = { ...this.#request, ...(this.#resumeToken ? { resumeToken: this.#resumeToken } : {}) };
    performance.mark('holdspace:join-room');
    try {
      const reply: Acknowledgement<unknown> = await socket.timeout(JOIN_TIMEOUT_MS).emitWithAck('join-room', request);
      if (!reply.success) {
        this.#onRefusal(HoldspaceError.fromBody(reply.error));
      }
    } catch {
      // No acknowledgement in time: a half-open connection. Closing the transport makes it connect anew.
      if (socket.connected && !this.#isInRoom) {
        socket.io.engine.close();
      }
    }
  }

  #onJoined(joined: RoomJoined): void {
    this.#isInRoom = true;
    this.#lastError = null;
    this.#resumeToken = joined.resumeToken ?? null;
    this.emit('joined', { ...joined, isReturning: this.#isReturning });
  }

  #pass<Name extends (typeof PASSED_ON)[number]>(name: Name, payload: SignalingEvents[Name]): void {
    if (name === 'removed') {
      this.#isInRoom = false;
      this.#resumeToken = null;
    }
    this.emit(name, payload);
  }

  /** Without `data` it is the transport that failed, and Socket.IO itself tries again. */
  #onConnectError(data: ErrorBody | undefined): void {
    if (data === undefined) {
      this.emit('lost', 'unreachable');
      return;
    }
    this.#onRefusal(HoldspaceError.fromBody(data));
  }

  #onDisconnect(reason: string): void {
    this.#isInRoom = false;
    if (reason === 'io server disconnect' && this.#lastError && ENDING.includes(this.#lastError.code)) {
      this.#onRefusal(this.#lastError);
      return;
    }
    this.emit('lost', reason);
    if (reason === 'io server disconnect') {
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
      if (this.#socket?.connected) {
        void this.#join(this.#socket);
      } else {
        this.#socket?.connect();
      }
    }, delayMs);
  }
}
