/** One other person in the call: the connection, renewed when the person's page is, watched, repaired and fitted to its path. */

import { Emitter } from './emitter.js';
import type { ChannelMessage } from './peer/channel-message.js';
import type { LocalTracks, MediaKind } from './peer/lines.js';
import { Link, type LinkSignals } from './peer/link.js';
import { firstScale, setPicture } from './peer/encoding.js';
import { type PictureLevel, type PictureState, firstPicture, nextPicture, planPicture } from './peer/picture.js';
import { type Pulse, firstPulse, nextPulse, suspect } from './peer/pulse.js';
import { ASK, isAsk, repairStep } from './peer/repair.js';
import { Safety } from './peer/safety.js';
import { type Sample, readSample } from './peer/sample.js';
import { planPacketMs } from './peer/sound.js';
import type { Switches } from './peer/switches.js';
import { type PeerQuality, type VideoSent, qualityOf } from './quality.js';

export interface PeerSignals extends LinkSignals {
  /** Finds out whether the way to the server is dead, and renews it if so. */
  probe(): void;
}

export interface PeerOptions {
  /** Gives way when both sides offer at once. */
  isPolite: boolean;
  signals: PeerSignals;
  /** Whether signals reach the other side now. */
  canSignal: () => boolean;
  /** Makes a connection, or hands out one that was made beforehand. */
  connection: () => RTCPeerConnection;
  /** Servers and credentials that work now: those of the beginning may have expired. */
  configuration: () => Promise<RTCConfiguration>;
  tracks: () => LocalTracks;
  screen: () => MediaStream | null;
  switches: () => Switches;
  /** How many people one's own picture is sent to. */
  others: () => number;
}

export interface SafetyFacts {
  safetyCode: string | null;
  isSafe: boolean | null;
}

export interface PeerEvents {
  camera: MediaStream | null;
  screen: MediaStream | null;
  connection: RTCPeerConnectionState;
  switches: Switches & { isPaused: boolean };
  safety: SafetyFacts;
  quality: PeerQuality;
  /** Media has stopped, and a new path is being looked for; or it is back. */
  repairing: boolean;
  /** Messages can be sent now. */
  open: void;
  said: { id: string; text: string };
  heard: { id: string };
}

/**
 * Before anything is known of the path, browsers assume a narrow one and drop the first frames of a large picture.
 * So the first second is sent small, and the first picture comes at once.
 */
const FIRST_PICTURE_MS = 1_000;
/** A short break heals by itself. Where the other side can be asked whether it is alive, it need not be guessed from this. */
const DISCONNECTED_MAX_MS = 1_500;

export class Peer extends Emitter<PeerEvents> {
  readonly #options: PeerOptions;
  #isPolite: boolean;
  #link: Link;
  #safety: Safety | null = null;
  #jobs: Promise<void> = Promise.resolve();
  #fitting: Promise<void> = Promise.resolve();
  #pulse: Pulse | null = null;
  #heard = 0;
  #hasHeardMessage = false;
  #brokenSinceMs: number | null = null;
  #triedAtMs: number | null = null;
  /** One's own network may have changed since signals last got through anew: then a path that seems well is renewed too. */
  #hasMoved = false;
  #disconnectedAtMs: number | null = null;
  #connectedAtMs: number | null = null;
  #sample: Sample | null = null;
  #picture: PictureState = firstPicture(0);

  constructor(options: PeerOptions) {
    super();
    this.#options = options;
    this.#isPolite = options.isPolite;
    this.#link = this.#connect();
  }

  get isPolite(): boolean {
    return this.#isPolite;
  }

  /** Whether the other side can be told anything, now or once it is connected. */
  get hasChannel(): boolean {
    return this.#link.hasChannel;
  }

  /** Media comes in. */
  get isFlowing(): boolean {
    return this.#link.state === 'connected' && this.#brokenSinceMs === null;
  }

  /** Opens the call. */
  offer(): void {
    this.#link.offer();
  }

  /** Signals are taken one after the other, in the order in which they came. */
  take(signal: { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit | null }): void {
    this.#jobs = this.#jobs
      .then(() => ('description' in signal ? this.#takeDescription(signal.description) : this.#takeCandidate(signal.candidate)))
      .catch((cause: unknown) => console.warn('A signal could not be used.', cause));
  }

  /** After either side was away: whatever was under way is told once more, and a broken path is renewed at once. */
  catchUp(isPolite: boolean, nowMs: number): void {
    this.#isPolite = isPolite;
    this.#lookClosely(nowMs);
    this.#triedAtMs = null;
    if (this.#brokenSinceMs !== null || this.#hasMoved) {
      this.#repair(nowMs, true);
    } else {
      this.#link.sayAgain();
    }
    this.#hasMoved = false;
  }

  /** Something has happened to one's own network, or one's own machine has slept. */
  suspect(nowMs: number): void {
    this.#hasMoved = this.#link.state !== 'new' && this.#link.state !== 'connecting';
    this.#lookClosely(nowMs);
  }

  async setTrack(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    await this.#link.setTrack(kind, track);
    await this.fitPicture();
  }

  setScreen(stream: MediaStream | null): Promise<void> {
    return this.#link.setScreen(stream);
  }

  tellSwitches(): void {
    this.#link.send({ type: 'switches', ...this.#options.switches(), isPaused: this.#picture.level === 'paused' });
  }

  send(message: ChannelMessage): boolean {
    return this.#link.send(message);
  }

  /** Sends the picture as large as the number of people and the path allow now. */
  fitPicture(): Promise<void> {
    // One after the other: a sender whose parameters are being set still tells those of before.
    this.#fitting = this.#fitting.then(() => this.#fitPicture());
    return this.#fitting;
  }

  /** To be called about four times a second: notices a break, and sees to its repair. */
  tick(nowMs: number): void {
    if (this.#pulse && this.#link.isOurs) {
      this.#beat(this.#pulse, nowMs);
    } else if (this.#disconnectedAtMs !== null && nowMs - this.#disconnectedAtMs >= DISCONNECTED_MAX_MS) {
      this.#setBroken(true, nowMs);
    }
    this.#repair(nowMs, this.#brokenSinceMs !== null);
  }

  /** To be called every two seconds: says how good the path is, and fits the picture to it. */
  async measure(): Promise<void> {
    const sample = readSample(new Map(await this.#link.stats()), performance.now());
    const quality = sample && this.#sample && qualityOf(this.#sample, sample, this.#videoSent());
    this.#sample = sample;
    if (!sample || !quality) {
      return;
    }
    this.emit('quality', quality);
    const { level } = this.#picture;
    const path = { availableKbps: sample.availableKbps, lossPercent: sample.sentLoss * 100, roundTripMs: quality.roundTripMs };
    this.#picture = nextPicture(this.#picture, path, sample.atMs);
    await this.#showLevel(level);
  }

  close(): void {
    this.#link.close();
  }

  #connect(): Link {
    const link = new Link(this.#options.connection(), {
      signals: this.#options.signals,
      isPolite: () => this.#isPolite,
      tracks: this.#options.tracks,
      screen: this.#options.screen,
      firstScale: () => firstScale(this.#options.tracks().video),
      packetMs: () => planPacketMs(this.#options.others()),
    });
    link.on('camera', (stream) => this.emit('camera', stream));
    link.on('screen', (stream) => this.emit('screen', stream));
    link.on('connection', (state) => this.#onConnection(state));
    link.on('channel', () => this.#onChannel());
    link.on('message', (message) => this.#onMessage(message));
    link.on('negotiated', () => void this.fitPicture());
    return link;
  }

  /** Starts anew with the next offer. */
  #renew(): void {
    this.#link.close();
    this.#safety = null;
    this.#pulse = null;
    this.#heard = 0;
    this.#sample = null;
    this.#connectedAtMs = null;
    this.#disconnectedAtMs = null;
    this.#setBroken(false, performance.now());
    this.#link = this.#connect();
    this.emit('safety', { safetyCode: null, isSafe: null });
    this.emit('screen', null);
  }

  #takeDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (this.#link.isOutdatedBy(description)) {
      this.#renew();
    }
    return this.#link.takeDescription(description);
  }

  async #takeCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    if (isAsk(candidate)) {
      await this.#restart();
    } else {
      await this.#link.takeCandidate(candidate);
    }
  }

  #onConnection(state: RTCPeerConnectionState): void {
    const nowMs = performance.now();
    this.#disconnectedAtMs = state === 'disconnected' ? nowMs : null;
    if (state === 'connected') {
      this.#pulse ??= firstPulse(nowMs);
      this.#onFirstConnected(nowMs);
      this.#setBroken(this.#link.isOurs && this.#pulse.isBroken, nowMs);
    } else if (state === 'failed') {
      this.#setBroken(true, nowMs);
      this.#repair(nowMs, true);
    } else if (state === 'disconnected') {
      this.#options.signals.probe();
    }
    this.emit('connection', state);
  }

  #onFirstConnected(nowMs: number): void {
    if (this.#connectedAtMs === null) {
      this.#picture = firstPicture(nowMs);
      this.#beginSmall(nowMs);
    }
  }

  /** Another size begins with a whole picture. After a break the other side asks for one only when it has waited for 3 s. */
  #beginSmall(nowMs: number): void {
    this.#connectedAtMs = nowMs;
    void this.fitPicture();
    setTimeout(() => void this.fitPicture(), FIRST_PICTURE_MS);
  }

  #onChannel(): void {
    this.tellSwitches();
    this.emit('open', undefined);
    if (Safety.isPossible) {
      const link = this.#link;
      this.#safety = new Safety(
        (message) => link.send(message),
        () => link.certificates(),
      );
      void this.#safety.start();
    }
  }

  #onMessage(message: ChannelMessage): void {
    this.#hasHeardMessage = true;
    switch (message.type) {
      case 'switches':
        this.emit('switches', message);
        break;
      case 'say':
        this.send({ type: 'heard', id: message.id });
        this.emit('said', message);
        break;
      case 'heard':
        this.emit('heard', message);
        break;
      case 'ping':
        this.send({ type: 'pong' });
        break;
      case 'commit':
        void this.#safety?.onCommit(message.digest);
        break;
      case 'reveal':
        void this.#onReveal(message.number);
        break;
    }
  }

  async #onReveal(number: string): Promise<void> {
    const link = this.#link;
    const [result, certificates] = await Promise.all([this.#safety?.onReveal(number), link.certificates()]);
    if (result && link === this.#link) {
      const safetyCode = 'code' in result ? result.code : null;
      this.emit('safety', { safetyCode, isSafe: 'failed' in result ? false : (certificates?.isAsSignalled ?? null) });
    }
  }

  #lookClosely(nowMs: number): void {
    if (this.#pulse && this.#link.isOurs) {
      this.#pulse = suspect(this.#pulse, nowMs);
      this.#setBroken(this.#pulse.isBroken, nowMs);
    } else if (this.#disconnectedAtMs !== null) {
      this.#setBroken(true, nowMs);
    }
  }

  #beat(pulse: Pulse, nowMs: number): void {
    const heard = this.#link.heard();
    const next = nextPulse(pulse, heard > this.#heard || this.#hasHeardMessage, nowMs);
    this.#heard = heard;
    this.#hasHeardMessage = false;
    this.#pulse = next;
    if (next.pingedAtMs === nowMs) {
      this.send({ type: 'ping' });
      // What broke the media may have broken the signaling too, and an offer sent there would be lost.
      this.#options.signals.probe();
    }
    this.#setBroken(next.isBroken, nowMs);
  }

  #setBroken(isBroken: boolean, nowMs: number): void {
    if (isBroken !== (this.#brokenSinceMs !== null)) {
      this.#brokenSinceMs = isBroken ? nowMs : null;
      this.#triedAtMs = null;
      this.emit('repairing', isBroken);
      if (!isBroken && this.#connectedAtMs !== null) {
        this.#beginSmall(nowMs);
      }
    }
  }

  async #fitPicture(): Promise<void> {
    const sender = this.#link.camera;
    if (sender) {
      const isFirst = this.#connectedAtMs === null || performance.now() - this.#connectedAtMs < FIRST_PICTURE_MS;
      await setPicture(sender, planPicture(this.#picture.level, this.#options.others()), isFirst ? firstScale(this.#options.tracks().video) : 1);
    }
  }

  #repair(nowMs: number, isBroken: boolean): void {
    const step = repairStep(
      {
        isBroken,
        brokenSinceMs: this.#brokenSinceMs ?? nowMs,
        triedAtMs: this.#triedAtMs,
        isPolite: this.#isPolite,
        isOurs: this.#link.isOurs,
        isOffering: this.#link.isOffering,
        canSignal: this.#options.canSignal(),
      },
      nowMs,
    );
    if (step === null) {
      return;
    }
    this.#triedAtMs = nowMs;
    if (step === 'restart') {
      void this.#restart();
    } else if (step === 'ask') {
      this.#options.signals.candidate(ASK);
    } else {
      this.#link.sayAgain();
    }
  }

  async #restart(): Promise<void> {
    const link = this.#link;
    if (link.isOffering) {
      link.sayAgain();
      return;
    }
    link.restart(await this.#options.configuration().catch(() => null));
  }

  #videoSent(): VideoSent {
    return this.#options.switches().camera ? this.#picture.level : 'off';
  }

  async #showLevel(before: PictureLevel): Promise<void> {
    const { level } = this.#picture;
    if (level !== before) {
      await this.fitPicture();
    }
    if ((level === 'paused') !== (before === 'paused')) {
      this.tellSwitches();
    }
  }
}
