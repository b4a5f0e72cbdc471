/** The others in the room: who they are by what the server tells, and how they are by what their connections tell. */

import { Emitter } from '../emitter.js';
import type { Peers, PeersEvents } from '../peers.js';
import { type Verdict, worstOf } from '../quality.js';
import { type Companion, type Roster, afterJoined, afterUserJoined, afterUserLeft, meeting, withChange } from '../roster.js';
import type { Signaling, SignalingEvents } from '../signaling.js';
import type { UserLeft } from '../wire.js';

export interface CompanionsEvents {
  roster: Roster;
  quality: Verdict | null;
  said: { companion: Companion; id: string; text: string };
  heard: { userId: string; id: string };
  /** This one can be told something. */
  open: { userId: string };
  left: { userId: string };
  /** Media flows. */
  connected: { userId: string };
}

/** Media of somebody who has lost the way to the server is kept for as long as it flows; when it stops, for this long. */
const STOPPED_MAX_MS = 10_000;

export class Companions extends Emitter<CompanionsEvents> {
  readonly #peers: Peers;
  readonly #ownId: () => string;
  /** Those whose place the server has given up while their media went on. */
  readonly #unplaced = new Map<string, ReturnType<typeof setTimeout> | null>();
  #roster: Roster = [];
  #quality: Verdict | null = null;

  constructor(signaling: Signaling, peers: Peers, ownId: () => string) {
    super();
    this.#peers = peers;
    this.#ownId = ownId;
    this.#listenToRoom(signaling);
    peers.on('event', (event) => this.#onPeer(event));
  }

  get roster(): Roster {
    return this.#roster;
  }

  get quality(): Verdict | null {
    return this.#quality;
  }

  /** Lets go of everybody. */
  clear(): void {
    this.#roster.forEach(({ userId }) => this.#forget(userId));
    this.#peers.close();
    this.#setRoster([]);
  }

  #listenToRoom(signaling: Signaling): void {
    signaling.on('joined', (joined) => this.#onJoined(joined));
    signaling.on('user-joined', (participant) => {
      const { userId, socketId } = participant;
      if (this.#unplaced.has(userId) && this.#peers.isFlowing(userId)) {
        this.#onBack(userId, socketId);
        return;
      }
      this.#forget(userId);
      // The offer goes out before anything is drawn.
      this.#peers.add(participant, { isPolite: false, offers: true });
      this.#setRoster(afterUserJoined(this.#roster, participant));
    });
    signaling.on('user-left', (left) => this.#onLeft(left));
    signaling.on('user-reconnecting', ({ userId }) => {
      this.#peers.setAway(userId);
      this.#change(userId, { isReconnecting: true });
    });
    signaling.on('user-reconnected', ({ userId, socketId }) => this.#onBack(userId, socketId));
    signaling.on('offer', ({ offer, from }) => this.#peers.take(from, { description: offer }));
    signaling.on('answer', ({ answer, from }) => this.#peers.take(from, { description: answer }));
    signaling.on('ice-candidate', ({ candidate, from }) => this.#peers.take(from, { candidate }));
  }

  #onJoined({ participants, isReturning }: SignalingEvents['joined']): void {
    const own = this.#ownId();
    const isHere = (userId: string) => participants.some((one) => one.userId === userId);
    const gone = this.#roster.filter(({ userId }) => !isHere(userId) && !this.#keepIfFlowing(userId));
    gone.forEach(({ userId }) => this.#drop(userId));
    for (const participant of participants.filter(({ userId }) => userId !== own)) {
      const { userId, socketId } = participant;
      const order = meeting(participants, own, userId, isReturning);
      this.#keepPlaced(userId);
      if (this.#peers.has(userId)) {
        this.#peers.moveTo(userId, socketId, order.isPolite);
      } else {
        this.#peers.add(participant, order);
      }
    }
    const kept = this.#roster.filter(({ userId }) => this.#unplaced.has(userId));
    this.#setRoster([...kept, ...afterJoined(this.#roster, participants, own)]);
  }

  #onBack(userId: string, socketId: string): void {
    this.#keepPlaced(userId);
    this.#change(userId, { isReconnecting: false, socketId });
    this.#peers.moveTo(userId, socketId);
  }

  #onLeft(left: UserLeft): void {
    const companion = this.#roster.find(({ userId }) => userId === left.userId);
    if (companion?.socketId !== left.socketId) {
      return;
    }
    if (companion.isReconnecting && this.#keepIfFlowing(left.userId)) {
      return;
    }
    this.#drop(left.userId, left);
  }

  /** Whoever lost the server but not the media is still in the visit. */
  #keepIfFlowing(userId: string): boolean {
    if (this.#peers.isFlowing(userId)) {
      this.#unplaced.set(userId, null);
      this.#peers.setAway(userId);
      this.#change(userId, { isReconnecting: true });
      return true;
    }
    return false;
  }

  #onPeer({ userId, name, payload }: PeersEvents['event']): void {
    switch (name) {
      case 'camera':
        this.#change(userId, { camera: payload });
        break;
      case 'screen':
        this.#change(userId, { screen: payload });
        break;
      case 'switches': {
        const { microphone, camera, screen, isPaused } = payload;
        this.#change(userId, { switches: { microphone, camera, screen }, isCameraPaused: isPaused });
        break;
      }
      case 'safety':
        this.#change(userId, payload);
        break;
      case 'quality':
        this.#change(userId, { quality: payload });
        this.#tellQuality();
        break;
      case 'repairing':
        this.#change(userId, { isRepairing: payload });
        this.#watchUnplaced(userId, payload);
        break;
      case 'connection':
        this.#onConnection(userId, payload);
        break;
      case 'open':
        this.emit('open', { userId });
        break;
      case 'heard':
        this.emit('heard', { userId, id: payload.id });
        break;
      case 'said':
        this.#onSaid(userId, payload);
        break;
    }
  }

  #onConnection(userId: string, connection: RTCPeerConnectionState): void {
    this.#change(userId, { connection });
    if (connection === 'connected') {
      this.emit('connected', { userId });
    }
  }

  #onSaid(userId: string, said: { id: string; text: string }): void {
    const companion = this.#roster.find((one) => one.userId === userId);
    if (companion) {
      this.emit('said', { companion, ...said });
    }
  }

  #watchUnplaced(userId: string, hasStopped: boolean): void {
    const timer = this.#unplaced.get(userId);
    if (timer !== undefined) {
      clearTimeout(timer ?? undefined);
      this.#unplaced.set(userId, hasStopped ? setTimeout(() => this.#drop(userId), STOPPED_MAX_MS) : null);
    }
  }

  #keepPlaced(userId: string): void {
    clearTimeout(this.#unplaced.get(userId) ?? undefined);
    this.#unplaced.delete(userId);
  }

  #drop(userId: string, left: UserLeft | null = null): void {
    this.#forget(userId);
    this.#setRoster(left ? afterUserLeft(this.#roster, left) : this.#roster.filter((one) => one.userId !== userId));
    this.emit('left', { userId });
    this.#tellQuality();
  }

  #forget(userId: string): void {
    this.#keepPlaced(userId);
    this.#peers.remove(userId);
  }

  #change(userId: string, change: Partial<Companion>): void {
    this.#setRoster(withChange(this.#roster, userId, change));
  }

  #tellQuality(): void {
    const quality = worstOf(this.#roster.flatMap((one) => one.quality?.verdict ?? []));
    if (quality !== this.#quality) {
      this.#quality = quality;
      this.emit('quality', quality);
    }
  }

  #setRoster(roster: Roster): void {
    this.#roster = roster;
    this.emit('roster', roster);
  }
}
