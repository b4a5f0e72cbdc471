/** Everyone one is connected to, by user id: a resumed person has a new socket but is still the same peer. */

import { Emitter } from './emitter.js';
import { type LocalTracks, type MediaKind, Peer } from './peer.js';
import type { Switches } from './switches.js';
import type { Participant } from './wire.js';

export interface PeersEvents {
  track: { userId: string; track: MediaStreamTrack };
  connection: { userId: string; state: RTCPeerConnectionState };
  switches: { userId: string; switches: Switches };
}

export interface PeersSignals {
  description(description: RTCSessionDescriptionInit, to: string): void;
  candidate(candidate: RTCIceCandidateInit, to: string): void;
  probe(): void;
}

interface Entry {
  peer: Peer;
  socketId: string;
}

export class Peers extends Emitter<PeersEvents> {
  readonly #signals: PeersSignals;
  readonly #freshConfiguration: () => Promise<RTCConfiguration>;
  readonly #entries = new Map<string, Entry>();
  #configuration: RTCConfiguration = {};
  #spare: RTCPeerConnection | null = null;
  #tracks: LocalTracks = { audio: null, video: null };
  #switches: Switches = { microphone: true, camera: true, screen: false };

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

  async setTracks(tracks: LocalTracks, switches: Switches): Promise<void> {
    this.#tracks = tracks;
    this.#switches = switches;
    const kinds = Object.keys(tracks) as MediaKind[];
    const peers = [...this.#entries.values()].map(({ peer }) => peer);
    await Promise.all(peers.flatMap((peer) => kinds.map((kind) => peer.setTrack(kind, tracks[kind]))));
    peers.forEach((peer) => peer.tellSwitches());
  }

  has(userId: string): boolean {
    return this.#entries.has(userId);
  }

  isPoliteTo(userId: string): boolean {
    return this.#entries.get(userId)?.peer.isPolite ?? true;
  }

  /** Those who were there first offer and insist; who came later answers and gives way. */
  add(participant: Participant, order: { isPolite: boolean; offers: boolean }): void {
    this.remove(participant.userId);
    const { userId, socketId } = participant;
    const peer = new Peer({
      isPolite: order.isPolite,
      connection: () => this.#takeConnection(),
      configuration: this.#freshConfiguration,
      tracks: () => this.#tracks,
      switches: () => this.#switches,
      signals: {
        description: (description) => this.#signals.description(description, this.#socketOf(userId)),
        candidate: (candidate) => this.#signals.candidate(candidate, this.#socketOf(userId)),
        probe: () => this.#signals.probe(),
      },
    });
    this.#entries.set(userId, { peer, socketId });
    peer.on('track', (track) => this.emit('track', { userId, track }));
    peer.on('connection', (state) => this.emit('connection', { userId, state }));
    peer.on('switches', (switches) => this.emit('switches', { userId, switches }));
    if (order.offers) {
      peer.offer();
    }
  }

  /** The person is here again under another socket: goes on where it stopped. */
  moveTo(userId: string, socketId: string, isPolite = this.isPoliteTo(userId)): void {
    const entry = this.#entries.get(userId);
    if (entry) {
      entry.socketId = socketId;
      entry.peer.catchUp(isPolite);
    }
  }

  take(from: string, signal: Parameters<Peer['take']>[0]): void {
    for (const entry of this.#entries.values()) {
      if (entry.socketId === from) {
        entry.peer.take(signal);
      }
    }
  }

  /** The statistics of each connection, by user id. */
  async stats(): Promise<Map<string, RTCStatsReport>> {
    const entries = [...this.#entries].map(async ([userId, { peer }]) => [userId, await peer.stats()] as const);
    return new Map(await Promise.all(entries));
  }

  remove(userId: string): void {
    this.#entries.get(userId)?.peer.close();
    this.#entries.delete(userId);
  }

  close(): void {
    [...this.#entries.keys()].forEach((userId) => this.remove(userId));
    this.#spare?.close();
    this.#spare = null;
  }

  #socketOf(userId: string): string {
    return this.#entries.get(userId)?.socketId ?? '';
  }

  #takeConnection(): RTCPeerConnection {
    const connection = this.#spare ?? new RTCPeerConnection(this.#configuration);
    this.#spare = null;
    return connection;
  }
}
