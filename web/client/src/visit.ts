/** One person's visit, from the door to the end: the client's front. Everything a view needs comes from here. */

import { Emitter } from './emitter.js';
import { HoldspaceError, NETWORK_UNREACHABLE } from './error.js';
import { Gate, Shut } from './gate.js';
import { type Identity, readIdentity } from './identity.js';
import { type EndCause, type VisitInput, type VisitState, next } from './machine.js';
import type { Place } from './moment.js';
import type { LocalTracks, Switches } from './peer.js';
import { Peers } from './peers.js';
import { type CallTimes, Recorder } from './recorder.js';
import { type Refusal, explainError } from './refusal.js';
import { Rest } from './rest.js';
import { type Roster, afterJoined, afterUserJoined, afterUserLeft, meeting, withChange } from './roster.js';
import { Signaling, type SignalingEvents } from './signaling.js';
import type { IceConfig, Session } from './wire.js';

export interface VisitOptions {
  /** Where the server is: `https://visits.example.org/`. */
  baseUrl: string;
  sessionId: string;
  token: string;
  /** Of the place held before a reload. */
  resumeToken?: string | null;
  place: Place;
}

export interface VisitEvents {
  state: VisitState;
  session: Session;
  roster: Roster;
  times: CallTimes;
  track: { userId: string; track: MediaStreamTrack };
  /** Something went wrong that does not change the state. */
  trouble: Refusal;
}

/** Credentials that run out sooner than this are fetched anew before they are used. */
const ICE_LEFT_MIN_MS = 60_000;

const CAUSES: Readonly<Record<string, EndCause>> = {
  REPLACED: 'replaced',
  CALL_ENDED: 'completed',
  SESSION_CANCELLED: 'cancelled',
  SESSION_DECLINED: 'declined',
};

export class Visit extends Emitter<VisitEvents> {
  readonly #options: VisitOptions;
  readonly #identity: Identity | null;
  readonly #rest: Rest;
  readonly #gate: Gate;
  readonly #signaling: Signaling;
  readonly #peers: Peers;
  readonly #recorder: Recorder;
  #state: VisitState = { name: 'idle' };
  #session: Session | null = null;
  #roster: Roster = [];
  #roomId: string | null = null;
  #ice: IceConfig = { iceServers: [] };
  #opening = new AbortController();

  constructor(options: VisitOptions) {
    super();
    this.#options = options;
    this.#identity = readIdentity(options.token);
    this.#rest = new Rest({ ...options, onWait: (error) => this.#tell(error) });
    this.#gate = new Gate(this.#rest, options.sessionId, options.place);
    this.#signaling = new Signaling(options);
    this.#recorder = new Recorder(this.#rest, options.sessionId);
    this.#peers = new Peers(
      {
        description: (description, to) => this.#signaling.sendDescription(description, to),
        candidate: (candidate, to) => this.#signaling.sendCandidate(candidate, to),
        probe: () => this.#signaling.probe(),
      },
      () => this.#freshConfiguration(),
    );
    this.#listenToRoom();
    this.#listenToMedia();
  }

  get state(): VisitState {
    return this.#state;
  }

  get session(): Session | null {
    return this.#session;
  }

  get times(): CallTimes {
    return this.#recorder.times;
  }

  get userId(): string | null {
    return this.#identity?.id ?? null;
  }

  /** The name that the others see. */
  get userName(): string {
    const session = this.#session;
    const known = session && [session.client, session.psychologist, ...session.guests].find(({ id }) => id === this.userId);
    return known?.name ?? this.#identity?.name ?? '';
  }

  get isPsychologist(): boolean {
    return this.userId !== null && this.#session?.psychologist.id === this.userId;
  }

  /** What a reload needs to get the place back; null when there is none. */
  get resumeToken(): string | null {
    return this.#signaling.resumeToken;
  }

  /** The server's clock. */
  now(): Date {
    return this.#rest.now();
  }

  stats(): Promise<Map<string, RTCStatsReport>> {
    return this.#peers.stats();
  }

  /** Goes to the door and waits there as long as time alone can open it. */
  async open(): Promise<void> {
    this.#opening.abort();
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    this.#move({ type: 'check' });
    try {
      await this.#passGate(signal);
      this.#move({ type: 'opened' });
    } catch (cause) {
      if (!signal.aborted) {
        const refusal = cause instanceof Shut ? cause.refusal : explainError(HoldspaceError.from(cause), this.now());
        this.#move({ type: 'refused', refusal });
      }
    }
  }

  /** Asks the door now instead of at the time agreed. */
  lookAgain(): void {
    if (this.#state.name === 'waiting') {
      this.#gate.nudge();
    } else {
      void this.open();
    }
  }

  async join(): Promise<void> {
    const { id: userId } = this.#identity ?? {};
    if (this.#state.name !== 'ready' || userId === undefined || this.#roomId === null) {
      return;
    }
    this.#move({ type: 'join' });
    try {
      const expiring = this.#ice;
      const configuration = await this.#freshConfiguration();
      if (this.#ice !== expiring) {
        this.#peers.prepare(configuration);
      }
    } catch (cause) {
      this.#move({ type: 'refused', refusal: explainError(HoldspaceError.from(cause), this.now()) });
      return;
    }
    this.#signaling.open({ roomId: this.#roomId, userId, userName: this.userName });
  }

  /** One's own microphone and camera, now and whenever they change. */
  setTracks(tracks: LocalTracks, switches: Switches): Promise<void> {
    return this.#peers.setTracks(tracks, switches);
  }

  /** Hangs up. The visit goes on for the others, and one can come back. */
  leave(): void {
    this.#finish('left');
  }

  /** Ends the visit for everybody and has it recorded. */
  async end(): Promise<void> {
    try {
      await this.#recorder.end();
    } catch (cause) {
      const error = HoldspaceError.from(cause);
      if (error.code !== 'CALL_NOT_STARTED') {
        this.#tell(error);
        return;
      }
      this.#finish('left');
      return;
    }
    this.#finish('completed');
  }

  async #passGate(signal: AbortSignal): Promise<void> {
    if (this.#identity === null) {
      throw new HoldspaceError('AUTHENTICATION_FAILED', 'The token names nobody.');
    }
    // The door says better than the session's own answer why there is nothing to see.
    const first = this.#loadSession(signal).catch(() => undefined);
    let hasWaited = false;
    await this.#gate.pass((refusal) => {
      hasWaited = true;
      this.#move({ type: 'shut', refusal });
    }, signal);
    await (hasWaited ? this.#loadSession(signal) : first);
    const [ice, roomId] = await Promise.all([this.#rest.iceConfig(signal), this.#findRoom(signal)]);
    this.#ice = ice;
    this.#peers.prepare(configurationOf(ice));
    this.#roomId = roomId;
  }

  async #loadSession(signal?: AbortSignal): Promise<void> {
    const session = await this.#rest.session(this.#options.sessionId, signal);
    this.#session = session;
    this.#recorder.learn(session);
    this.emit('session', session);
  }

  async #findRoom(signal: AbortSignal): Promise<string> {
    return this.#session?.roomId ?? (await this.#rest.generateRoom(this.#options.sessionId, signal)).roomId;
  }

  async #freshConfiguration(): Promise<RTCConfiguration> {
    const expiresAt = this.#ice.expiresAt ? Date.parse(this.#ice.expiresAt) : Number.POSITIVE_INFINITY;
    if (expiresAt - this.now().getTime() < ICE_LEFT_MIN_MS) {
      this.#ice = await this.#rest.iceConfig();
    }
    return configurationOf(this.#ice);
  }

  #listenToRoom(): void {
    const signaling = this.#signaling;
    signaling.on('joined', (joined) => this.#onJoined(joined));
    signaling.on('user-joined', (participant) => {
      // The offer goes out before anything is drawn.
      this.#peers.add(participant, { isPolite: false, offers: true });
      this.#setRoster(afterUserJoined(this.#roster, participant));
    });
    signaling.on('user-left', (left) => {
      this.#setRoster(afterUserLeft(this.#roster, left));
      if (!this.#roster.some(({ userId }) => userId === left.userId)) {
        this.#peers.remove(left.userId);
      }
    });
    signaling.on('user-reconnecting', ({ userId }) => this.#setRoster(withChange(this.#roster, userId, { isReconnecting: true })));
    signaling.on('user-reconnected', ({ userId, socketId }) => {
      this.#setRoster(withChange(this.#roster, userId, { isReconnecting: false, socketId }));
      this.#peers.moveTo(userId, socketId);
    });
    signaling.on('offer', ({ offer, from }) => this.#peers.take(from, { description: offer }));
    signaling.on('answer', ({ answer, from }) => this.#peers.take(from, { description: answer }));
    signaling.on('ice-candidate', ({ candidate, from }) => this.#peers.take(from, { candidate }));
    signaling.on('call-started', (started) => this.#recorder.onStarted(started));
    signaling.on('call-ended', (ended) => {
      this.#recorder.onEnded(ended);
      this.#finish('completed');
    });
    signaling.on('removed', ({ reason }) => this.#finish(CAUSES[reason] ?? 'removed'));
    signaling.on('lost', () => this.#onLost());
    signaling.on('held', (error) => this.#move({ type: 'held', refusal: explainError(error, this.now()) }));
    signaling.on('refused', (error) => void this.#onRefused(error));
  }

  #listenToMedia(): void {
    this.#peers.on('track', (track) => this.emit('track', track));
    this.#peers.on('switches', ({ userId, switches }) => this.#setRoster(withChange(this.#roster, userId, { switches })));
    this.#peers.on('connection', ({ userId, state }) => {
      this.#setRoster(withChange(this.#roster, userId, { connection: state }));
      if (state === 'connected') {
        this.#recorder.mediaFlows(this.#peers.isPoliteTo(userId));
      }
    });
    this.#recorder.on('times', (times) => this.emit('times', times));
    this.#recorder.on('failed', (error) => this.#tell(error));
  }

  #onJoined({ participants, isReturning }: SignalingEvents['joined']): void {
    const own = this.userId ?? '';
    const gone = this.#roster.filter(({ userId }) => !participants.some((one) => one.userId === userId));
    gone.forEach(({ userId }) => this.#peers.remove(userId));
    for (const participant of participants.filter(({ userId }) => userId !== own)) {
      const order = meeting(participants, own, participant.userId, isReturning);
      if (this.#peers.has(participant.userId)) {
        this.#peers.moveTo(participant.userId, participant.socketId, order.isPolite);
      } else {
        this.#peers.add(participant, order);
      }
    }
    this.#setRoster(afterJoined(this.#roster, participants, own));
    this.#move({ type: 'joined' });
  }

  /** Before the first join there is nothing to recover: the person only needs to know why it takes so long. */
  #onLost(): void {
    if (this.#state.name === 'connecting') {
      const error = new HoldspaceError(NETWORK_UNREACHABLE, 'The connection failed.');
      this.#move({ type: 'held', refusal: { ...explainError(error, this.now()), recheckAt: null } });
    } else {
      this.#move({ type: 'lost' });
    }
  }

  /** A refusal by the state of the session is put to the door again, which knows the times. */
  async #onRefused(error: HoldspaceError): Promise<void> {
    if (error.details['reason'] === 'SESSION_COMPLETED' && this.#state.name === 'recovering') {
      await this.#loadSession().catch(() => undefined);
      this.#finish('completed');
      return;
    }
    this.#closeCall();
    this.#move({ type: 'refused', refusal: explainError(error, this.now()) });
    if (error.code === 'INVALID_SESSION') {
      void this.open();
    }
  }

  #finish(cause: EndCause): void {
    this.#closeCall();
    this.#move({ type: 'over', cause });
  }

  #closeCall(): void {
    this.#recorder.stop();
    this.#peers.close();
    void this.#signaling.leave();
    this.#setRoster([]);
  }

  #tell(error: HoldspaceError): void {
    this.emit('trouble', explainError(error, this.now()));
  }

  #setRoster(roster: Roster): void {
    this.#roster = roster;
    this.emit('roster', roster);
  }

  #move(input: VisitInput): void {
    const state = next(this.#state, input);
    if (state !== this.#state) {
      this.#state = state;
      this.emit('state', state);
    }
  }
}

function configurationOf({ iceServers }: IceConfig): RTCConfiguration {
  return { iceServers, bundlePolicy: 'max-bundle' };
}
