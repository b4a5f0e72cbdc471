/** One person's visit, from the door to the end: the library's front. Everything a page needs comes from here. */

import { Credentials } from './credentials.js';
import { Devices } from './devices.js';
import type { DevicesState } from './devices/state.js';
import { Emitter } from './emitter.js';
import { HoldspaceError, NETWORK_UNREACHABLE } from './error.js';
import { Shut } from './gate.js';
import { type Identity, readIdentity } from './identity.js';
import { type EndCause, type VisitInput, type VisitState, next } from './machine.js';
import { MESSAGE_CHARACTERS_MAX, type Message } from './message.js';
import { type NetworkStep, type NetworkTest, testNetwork } from './network-test.js';
import { Peers } from './peers.js';
import type { Verdict } from './quality.js';
import { type CallTimes, Recorder } from './recorder.js';
import { type Refusal, refusalOfError } from './refusal.js';
import { Rest } from './rest.js';
import type { Roster } from './roster.js';
import { Signaling } from './signaling.js';
import { Companions } from './visit/companions.js';
import { Conversation } from './visit/conversation.js';
import type { Limits, VisitEvents, VisitOptions } from './visit/options.js';
import { Preparation } from './visit/preparation.js';
import { Sharing } from './visit/sharing.js';
import { Surroundings } from './visit/surroundings.js';
import type { Session } from './wire.js';

export type { Limits, VisitEvents, VisitOptions } from './visit/options.js';

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
  readonly #preparation: Preparation;
  readonly #signaling: Signaling;
  readonly #peers: Peers;
  readonly #companions: Companions;
  readonly #recorder: Recorder;
  readonly #conversation: Conversation;
  readonly #sharing = new Sharing();
  readonly #surroundings = new Surroundings();
  readonly #hasOwnDevices: boolean;
  /** One's own microphone, camera and loudspeaker. They are asked for by `visit.devices.open()`, before or during the call. */
  readonly devices: Devices;
  #state: VisitState = { name: 'idle' };
  #opening = new AbortController();
  /** Why the server does not let one back in, while the media goes on. */
  #cutOff: Refusal | null = null;

  constructor(options: VisitOptions) {
    super();
    this.#options = options;
    this.#identity = readIdentity(options.token);
    const credentials = new Credentials(options.token, options.renewToken);
    this.#rest = new Rest({ baseUrl: options.baseUrl, credentials, onWait: (error) => this.#tell(error) });
    this.#preparation = new Preparation(this.#rest, options.sessionId);
    this.#signaling = new Signaling({ baseUrl: options.baseUrl, credentials, resumeToken: options.resumeToken ?? null });
    this.#recorder = new Recorder(this.#rest, options.sessionId);
    this.#peers = new Peers(
      {
        isReady: () => this.#signaling.isInRoom,
        description: (description, to) => this.#signaling.sendDescription(description, to),
        candidate: (candidate, to) => this.#signaling.sendCandidate(candidate, to),
        probe: () => this.#signaling.probe(),
      },
      () => this.#preparation.configuration(),
    );
    this.#companions = new Companions(this.#signaling, this.#peers, () => this.userId ?? '');
    this.#conversation = new Conversation({
      listeners: () => this.#peers.listeners,
      send: (userId, { id, text }) => this.#peers.send(userId, { type: 'say', id, text }),
      now: () => this.now(),
    });
    this.devices = options.devices ?? new Devices();
    this.#hasOwnDevices = options.devices === undefined;
    this.#listenToRoom();
    this.#listenToCompanions();
    this.#listenToOwn();
  }

  get state(): VisitState {
    return this.#state;
  }

  get session(): Session | null {
    return this.#preparation.session;
  }

  get roster(): Roster {
    return this.#companions.roster;
  }

  get times(): CallTimes {
    return this.#recorder.times;
  }

  get userId(): string | null {
    return this.#identity?.id ?? null;
  }

  /** The name that the others see. */
  get userName(): string {
    const { session } = this;
    const known = session && [session.client, session.psychologist, ...session.guests].find(({ id }) => id === this.userId);
    return known?.name ?? this.#identity?.name ?? '';
  }

  get isPsychologist(): boolean {
    return this.userId !== null && this.session?.psychologist.id === this.userId;
  }

  /** What a reload needs to get the place back; null when there is none. */
  get resumeToken(): string | null {
    return this.#signaling.resumeToken;
  }

  /** The server's clock. */
  now(): Date {
    return this.#rest.now();
  }

  /** What was said, in the order in which it was said or came. It is nowhere else, and gone with the page. */
  get messages(): readonly Message[] {
    return this.#conversation.messages;
  }

  /** What one shares oneself. */
  get screen(): MediaStream | null {
    return this.#sharing.screen;
  }

  /** The worst of the companions' verdicts; null as long as there is none. */
  get quality(): Verdict | null {
    return this.#companions.quality;
  }

  get limits(): Limits {
    return { ...this.#rest.left, messageCharactersMax: MESSAGE_CHARACTERS_MAX };
  }

  /** Goes to the door and waits there as long as time alone can open it. */
  async open(): Promise<void> {
    this.#opening.abort();
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    this.#move({ type: 'check' });
    try {
      if (this.#identity === null) {
        throw new HoldspaceError('AUTHENTICATION_FAILED', 'The token names nobody.');
      }
      await this.#preparation.pass((refusal) => this.#move({ type: 'shut', refusal }), signal);
      this.#peers.prepare(await this.#preparation.configuration());
      this.#move({ type: 'opened' });
    } catch (cause) {
      if (!signal.aborted) {
        const refusal = cause instanceof Shut ? cause.refusal : refusalOfError(HoldspaceError.from(cause), this.now());
        this.#move({ type: 'refused', refusal });
      }
    }
  }

  /** Asks the door now instead of at the time agreed. */
  lookAgain(): void {
    if (this.#state.name === 'waiting') {
      this.#preparation.nudge();
    } else {
      void this.open();
    }
  }

  /** Goes through the open door. Does nothing in any other state than `ready`. */
  async join(): Promise<void> {
    const { userId } = this;
    const { roomId } = this.#preparation;
    if (this.#state.name !== 'ready' || userId === null || roomId === null) {
      return;
    }
    this.#move({ type: 'join' });
    this.#surroundings.start();
    try {
      await this.#preparation.configuration((renewed) => this.#peers.prepare(renewed));
    } catch (cause) {
      this.#move({ type: 'refused', refusal: refusalOfError(HoldspaceError.from(cause), this.now()) });
      return;
    }
    // Meanwhile the person may have thought better of it.
    if (isConnecting(this.state)) {
      this.#signaling.open({ roomId, userId, userName: this.userName });
    }
  }

  /** Out of `connecting`, back to `ready`: nobody has to wait for a connection that does not come. */
  cancel(): void {
    if (this.#state.name === 'connecting') {
      this.#closeCall();
      this.#move({ type: 'cancelled' });
    }
  }

  /** Tells everybody who is here; the first who comes, when nobody is. Throws a `RangeError` when it is empty or too long. */
  say(text: string): Message {
    return this.#conversation.say(text, { userId: this.userId ?? '', name: this.userName });
  }

  /**
   * Asks the person what to share, and shows it to everybody. Rejects with the browser's error when the person or the
   * browser does not want to. Shared already: asks anew, and changes to it.
   */
  shareScreen(): Promise<void> {
    return this.#sharing.start();
  }

  stopSharing(): void {
    this.#sharing.stop();
  }

  /** What the network lets through, tried with the real servers; takes up to ten seconds. Possible before and during a call. */
  testNetwork(onStep?: (step: NetworkStep) => void): Promise<NetworkTest> {
    return testNetwork(
      {
        // Not one of those that are limited.
        reach: () => this.#rest.session(this.#options.sessionId),
        iceServers: async () => (await this.#preparation.configuration()).iceServers ?? [],
      },
      onStep,
    );
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

  /** Lets go of everything, without a word to the person: for when the page's part with the visit is taken away. */
  close(): void {
    this.#opening.abort();
    this.#closeCall();
    if (this.#hasOwnDevices) {
      this.devices.close();
    }
  }

  #listenToRoom(): void {
    const signaling = this.#signaling;
    // After the companions, who are brought up to date first.
    signaling.on('joined', () => {
      this.#move({ type: 'joined' });
      if (this.#peers.isAnyFlowing) {
        // A start that failed while the server was away is said once more.
        this.#recorder.mediaFlows(false);
      }
    });
    signaling.on('call-started', (started) => this.#recorder.onStarted(started));
    signaling.on('call-ended', (ended) => {
      this.#recorder.onEnded(ended);
      this.#finish('completed');
    });
    signaling.on('removed', ({ reason }) => this.#finish(CAUSES[reason] ?? 'removed'));
    signaling.on('lost', () => this.#onLost());
    signaling.on('held', (error) => this.#move({ type: 'held', refusal: refusalOfError(error, this.now()) }));
    signaling.on('refused', (error) => void this.#onRefused(error));
    this.#surroundings.on('changed', () => {
      signaling.hurry();
      this.#peers.suspect();
    });
  }

  #listenToCompanions(): void {
    const companions = this.#companions;
    companions.on('roster', (roster) => {
      this.emit('roster', roster);
      this.#endIfCutOff();
    });
    companions.on('quality', (quality) => this.emit('quality', quality));
    companions.on('connected', ({ userId }) => this.#recorder.mediaFlows(this.#peers.isPoliteTo(userId)));
    companions.on('said', ({ companion: { userId, name }, id, text }) => this.#conversation.onSaid({ id, text }, { userId, name }));
    companions.on('heard', ({ userId, id }) => this.#conversation.onHeard(id, userId));
    companions.on('open', ({ userId }) => this.#conversation.onOpen(userId));
    companions.on('left', ({ userId }) => this.#conversation.onLeft(userId));
    this.#conversation.on('message', (message) => this.emit('message', message));
  }

  #listenToOwn(): void {
    this.#preparation.on('session', (session) => {
      this.#recorder.learn(session);
      this.emit('session', session);
    });
    this.#recorder.on('times', (times) => this.emit('times', times));
    this.#recorder.on('failed', (error) => this.#tell(error));
    this.#sharing.on('screen', (screen) => {
      void this.#peers.setScreen(screen);
      this.emit('screen', screen);
    });
    this.devices.on('change', (state) => {
      this.#sendDevices(state);
      this.emit('devices', state);
    });
    this.#sendDevices(this.devices.state);
  }

  #sendDevices({ microphone, camera }: DevicesState): void {
    void this.#peers.setTracks({ audio: microphone.track, video: camera.track }, { microphone: microphone.isOn, camera: camera.isOn });
  }

  /** Before the first join there is nothing to recover: the person only needs to know why it takes so long. */
  #onLost(): void {
    if (this.#state.name === 'connecting') {
      const error = new HoldspaceError(NETWORK_UNREACHABLE, 'The connection failed.');
      this.#move({ type: 'held', refusal: { ...refusalOfError(error, this.now()), recheckAt: null } });
    } else {
      this.#move({ type: 'lost' });
    }
  }

  /** A refusal by the state of the session is put to the door again, which knows the times. */
  async #onRefused(error: HoldspaceError): Promise<void> {
    const refusal = refusalOfError(error, this.now());
    if (error.details['reason'] === 'SESSION_COMPLETED' && this.#state.name === 'recovering') {
      await this.#preparation.loadSession().catch(() => undefined);
      this.#finish('completed');
      return;
    }
    if (error.code === 'AUTHENTICATION_FAILED' && this.#peers.isAnyFlowing) {
      // People who talk are not parted because a token has expired.
      this.#cutOff = refusal;
      this.#move({ type: 'held', refusal });
      this.emit('trouble', refusal);
      return;
    }
    this.#closeCall();
    this.#move({ type: 'refused', refusal });
    if (error.code === 'INVALID_SESSION') {
      void this.open();
    }
  }

  /** There is no way back to the server: once nobody is left to talk to, that is the end. */
  #endIfCutOff(): void {
    const refusal = this.#cutOff;
    if (refusal && !this.#peers.isAnyFlowing && this.roster.every(({ isRepairing, connection }) => isRepairing || connection !== 'connected')) {
      this.#closeCall();
      this.#move({ type: 'refused', refusal });
    }
  }

  #finish(cause: EndCause): void {
    this.#closeCall();
    this.#move({ type: 'over', cause });
  }

  #closeCall(): void {
    this.#cutOff = null;
    this.#recorder.stop();
    this.#sharing.stop();
    this.#surroundings.stop();
    this.#companions.clear();
    void this.#signaling.leave();
  }

  #tell(error: HoldspaceError): void {
    this.emit('trouble', refusalOfError(error, this.now()));
  }

  #move(input: VisitInput): void {
    const state = next(this.#state, input);
    if (state !== this.#state) {
      this.#state = state;
      this.emit('state', state);
    }
  }
}

/** A function, so that the check is made again after a wait. */
function isConnecting(state: VisitState): boolean {
  return state.name === 'connecting';
}
