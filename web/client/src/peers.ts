/** Everyone one is connected to, by user id: a resumed person has a new socket but is still the same peer. */

import { Emitter } from './emitter.js';
import { Peer, type PeerEvents } from './peer.js';
import type { ChannelMessage } from './peer/channel-message.js';
import { limitFrames } from './peer/camera-rate.js';
import type { LocalTracks, MediaKind } from './peer/lines.js';
import { planPicture } from './peer/picture.js';
import type { Switches } from './peer/switches.js';
import type { Participant } from './wire.js';

/** The events of each peer, with whose they are. */
export interface PeersEvents {
  event: { [Name in keyof PeerEvents]: { userId: string; name: Name; payload: PeerEvents[Name] } }[keyof PeerEvents];
}

export interface PeersSignals {
  /** Whether one has a way to the server. */
  isReady(): boolean;
  description(description: RTCSessionDescriptionInit, to: string): void;
  candidate(candidate: RTCIceCandidateInit, to: string): void;
  probe(): void;
}

interface Entry {
  peer: Peer;
  socketId: string;
  /** The person has no way to the server; signals are kept for a while. */
  isAway: boolean;
}

const EVENTS: readonly (keyof PeerEvents)[] = ['camera', 'screen', 'connection', 'switches', 'safety', 'quality', 'repairing', 'open', 'said', 'heard'];
const TICK_MS = 250;
const TICKS_A_MEASURE = 8;

export class Peers extends Emitter<PeersEvents> {
  readonly #signals: PeersSignals;
  readonly #freshConfiguration: () => Promise<RTCConfiguration>;
  readonly #entries = new Map<string, Entry>();
  #configuration: RTCConfiguration = {};
  #spare: RTCPeerConnection | null = null;
  #tracks: LocalTracks = { audio: null, video: null };
  #screen: MediaStream | null = null;
  #switches: Switches = { microphone: false, camera: false, screen: false };
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;

  constructor(signals: PeersSignals, freshConfiguration: () => Promise<RTCConfiguration>) {
    super();
    this.#signals = signals;
    this.#freshConfiguration = freshConfiguration;
  }

  /** Gets a connection ready, so that none has to be made when somebody comes in. */
  prepare(configuration: RTCConfiguration): void {
    this.#configuration = configuration;
    this.#spare?.close();
    this.#spare = new RTCPeerConnection(configuration);
  }

  async setTracks(tracks: LocalTracks, switches: Pick<Switches, 'microphone' | 'camera'>): Promise<void> {
    const kinds = (Object.keys(tracks) as MediaKind[]).filter((kind) => tracks[kind] !== this.#tracks[kind]);
    this.#tracks = tracks;
    this.#switches = { ...this.#switches, ...switches };
    void this.#fitCamera();
    await this.#each((peer) => Promise.all(kinds.map((kind) => peer.setTrack(kind, tracks[kind]))));
    this.#tellSwitches();
  }

  async setScreen(screen: MediaStream | null): Promise<void> {
    this.#screen = screen;
    this.#switches = { ...this.#switches, screen: screen !== null };
    await this.#each((peer) => peer.setScreen(screen));
    this.#tellSwitches();
  }

  has(userId: string): boolean {
    return this.#entries.has(userId);
  }

  /** Media comes in from this person. */
  isFlowing(userId: string): boolean {
    return this.#entries.get(userId)?.peer.isFlowing ?? false;
  }

  get isAnyFlowing(): boolean {
    return [...this.#entries.values()].some(({ peer }) => peer.isFlowing);
  }

  isPoliteTo(userId: string): boolean {
    return this.#entries.get(userId)?.peer.isPolite ?? true;
  }

  /** Those who can be told something, now or once they are connected. */
  get listeners(): string[] {
    return [...this.#entries].filter(([, { peer }]) => peer.hasChannel).map(([userId]) => userId);
  }

  /** False when it cannot be sent now. */
  send(userId: string, message: ChannelMessage): boolean {
    return this.#entries.get(userId)?.peer.send(message) ?? false;
  }

  /** Those who were there first offer and insist; who came later answers and gives way. */
  add(participant: Participant, order: { isPolite: boolean; offers: boolean }): void {
    this.remove(participant.userId);
    const { userId, socketId } = participant;
    const peer = this.#makePeer(userId, order.isPolite);
    this.#entries.set(userId, { peer, socketId, isAway: participant.reconnecting === true });
    for (const name of EVENTS) {
      peer.on(name, (payload) => this.emit('event', { userId, name, payload } as PeersEvents['event']));
    }
    if (order.offers) {
      peer.offer();
    }
    this.#onNumberChanged();
  }

  /** The person has no way to the server at the moment. */
  setAway(userId: string): void {
    const entry = this.#entries.get(userId);
    if (entry) {
      entry.isAway = true;
    }
  }

  /** The person is here again under another socket: goes on where it stopped. */
  moveTo(userId: string, socketId: string, isPolite = this.isPoliteTo(userId)): void {
    const entry = this.#entries.get(userId);
    if (entry) {
      entry.socketId = socketId;
      entry.isAway = false;
      entry.peer.catchUp(isPolite, performance.now());
    }
  }

  take(from: string, signal: Parameters<Peer['take']>[0]): void {
    for (const entry of this.#entries.values()) {
      if (entry.socketId === from) {
        entry.peer.take(signal);
      }
    }
  }

  /** Something has happened to one's own network: looks closely at every connection. */
  suspect(): void {
    this.#entries.forEach(({ peer }) => peer.suspect(performance.now()));
  }

  remove(userId: string): void {
    if (this.#entries.has(userId)) {
      this.#entries.get(userId)?.peer.close();
      this.#entries.delete(userId);
      this.#onNumberChanged();
    }
  }

  close(): void {
    [...this.#entries.keys()].forEach((userId) => this.remove(userId));
    this.#spare?.close();
    this.#spare = null;
  }

  #makePeer(userId: string, isPolite: boolean): Peer {
    const entry = () => this.#entries.get(userId);
    return new Peer({
      isPolite,
      connection: () => this.#takeConnection(),
      configuration: this.#freshConfiguration,
      tracks: () => this.#tracks,
      screen: () => this.#screen,
      switches: () => this.#switches,
      others: () => this.#entries.size,
      canSignal: () => this.#signals.isReady() && entry()?.isAway === false,
      signals: {
        description: (description) => this.#signals.description(description, entry()?.socketId ?? ''),
        candidate: (candidate) => this.#signals.candidate(candidate, entry()?.socketId ?? ''),
        probe: () => this.#signals.probe(),
      },
    });
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#ticks += 1;
    for (const { peer } of this.#entries.values()) {
      peer.tick(nowMs);
      if (this.#ticks % TICKS_A_MEASURE === 0) {
        // A connection that was closed meanwhile has no statistics.
        void peer.measure().catch(() => undefined);
      }
    }
  }

  #onNumberChanged(): void {
    clearInterval(this.#timer);
    this.#timer = this.#entries.size > 0 ? setInterval(() => this.#tick(), TICK_MS) : undefined;
    void this.#fitCamera();
    void this.#each((peer) => peer.fitPicture());
  }

  async #fitCamera(): Promise<void> {
    const { video } = this.#tracks;
    if (video) {
      await limitFrames(video, planPicture('full', this.#entries.size).framesMax);
    }
  }

  #tellSwitches(): void {
    this.#entries.forEach(({ peer }) => peer.tellSwitches());
  }

  async #each(action: (peer: Peer) => Promise<unknown>): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ peer }) => action(peer)));
  }

  #takeConnection(): RTCPeerConnection {
    const connection = this.#spare ?? new RTCPeerConnection(this.#configuration);
    this.#spare = null;
    return connection;
  }
}
