/** One RTCPeerConnection to another person: perfect negotiation with trickled candidates, its lines of media, its channel. */

import { Emitter } from '../emitter.js';
import { Channel } from './channel.js';
import type { ChannelMessage } from './channel-message.js';
import { type Certificates, certificatesOf } from './certificate.js';
import { Lines, type LocalTracks, type MediaKind } from './lines.js';
import { originOf, withPacketTime } from './sdp.js';

/**
 * An offer says whether it is the first of its connection: one that is not means nothing to a page that was loaded anew and
 * does not know that connection. Browsers and other clients pass over the field.
 */
export type Description = RTCSessionDescriptionInit & { isFirst?: boolean };

/** How signals reach the other side. One that cannot be sent now is lost: {@link Link.sayAgain} makes up for it. */
export interface LinkSignals {
  description(description: Description): void;
  candidate(candidate: RTCIceCandidateInit): void;
}

export interface LinkOptions {
  signals: LinkSignals;
  /** Gives way when both sides offer at once. */
  isPolite: () => boolean;
  tracks: () => LocalTracks;
  screen: () => MediaStream | null;
  /** How much smaller than the camera's the first pictures are. */
  firstScale: () => number;
  /** The packets of voice that one wishes to get, in milliseconds; null for what the other side's browser does by itself. */
  packetMs: () => number | null;
}

export interface LinkEvents {
  /** Voice and picture; another stream when a track is added. */
  camera: MediaStream;
  screen: MediaStream | null;
  connection: RTCPeerConnectionState;
  channel: void;
  message: ChannelMessage;
  /** The camera has got a line, or the description that limits it has changed. */
  negotiated: void;
}

export class Link extends Emitter<LinkEvents> {
  readonly #connection: RTCPeerConnection;
  readonly #options: LinkOptions;
  readonly #lines: Lines;
  #channel: Channel | null = null;
  #hasOffered = false;
  #isClosed = false;
  #isMakingOffer = false;
  #isIgnoringOffer = false;
  #remoteOrigin: string | null = null;
  /** Of the present path, to be said again to somebody who was away. */
  #candidates: RTCIceCandidateInit[] = [];
  #camera: MediaStream | null = null;
  #screen: MediaStream | null = null;

  constructor(connection: RTCPeerConnection, options: LinkOptions) {
    super();
    this.#connection = connection;
    this.#options = options;
    this.#lines = new Lines(connection);
    connection.onnegotiationneeded = () => void this.#negotiate();
    connection.onicecandidate = ({ candidate }) => this.#tellCandidate(candidate);
    connection.ontrack = (event) => this.#onTrack(event);
    connection.onconnectionstatechange = () => this.emit('connection', connection.connectionState);
    connection.onsignalingstatechange = () => this.#onSignalingState();
  }

  get state(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  get isOffering(): boolean {
    return this.#connection.signalingState === 'have-local-offer';
  }

  /** The other side is a client of this library. */
  get isOurs(): boolean {
    return this.#channel?.isOurs ?? false;
  }

  get hasChannel(): boolean {
    return this.#channel !== null;
  }

  get camera(): RTCRtpSender | null {
    return this.#lines.camera;
  }

  /** Opens the call: adds media, upon which the browser asks for an offer. */
  offer(): void {
    this.#hasOffered = true;
    this.#lines.open(this.#options.tracks(), this.#options.firstScale());
    this.#openChannel();
    void this.#negotiate();
    this.#addScreen();
  }

  /**
   * The description is for a connection that starts anew: it comes from a page that was loaded anew, or both sides have made
   * a first offer, and a connection that takes its first lines back would want to negotiate them for ever.
   */
  isOutdatedBy(description: Description): boolean {
    if (description.type !== 'offer' || this.#isOfUnknown(description)) {
      return false;
    }
    const isNew = this.#remoteOrigin === null;
    return isNew ? this.#hasOffered && this.#options.isPolite() : originOf(description) !== this.#remoteOrigin;
  }

  async takeDescription(description: Description): Promise<void> {
    if (description.type === 'answer') {
      await this.#takeAnswer(description);
    } else if (!this.#isOfUnknown(description)) {
      await this.#takeOffer(description);
    }
  }

  async takeCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    try {
      await this.#connection.addIceCandidate(candidate ?? undefined);
    } catch (cause) {
      if (!this.#isIgnoringOffer) {
        throw cause;
      }
    }
  }

  /** After either side was away: whatever was under way is told once more. */
  sayAgain(): void {
    if (this.#connection.signalingState !== 'stable') {
      this.#sendLocal();
    } else if (this.state === 'new' || this.state === 'connecting') {
      this.#candidates.forEach((candidate) => this.#options.signals.candidate(candidate));
    }
  }

  /** Looks for a new path, with servers and credentials that work now where these are known. */
  restart(configuration: RTCConfiguration | null): void {
    if (this.#connection.signalingState === 'closed') {
      return;
    }
    if (configuration) {
      this.#connection.setConfiguration(configuration);
    }
    this.#candidates = [];
    this.#connection.restartIce();
  }

  setTrack(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    return this.#lines.setTrack(kind, track);
  }

  setScreen(stream: MediaStream | null): Promise<void> {
    return this.#lines.setScreen(stream);
  }

  send(message: ChannelMessage): boolean {
    return this.#channel?.send(message) ?? false;
  }

  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  certificates(): Promise<Certificates | null> {
    return certificatesOf(this.#connection);
  }

  /** Grows whenever media has come in; 0 when none has for a while. Costs next to nothing, unlike statistics. */
  heard(): number {
    const sources = this.#connection.getReceivers().flatMap((receiver) => receiver.getSynchronizationSources?.() ?? []);
    return Math.max(0, ...sources.map(({ timestamp }) => timestamp));
  }

  close(): void {
    this.#isClosed = true;
    this.#connection.onnegotiationneeded = null;
    this.#connection.onicecandidate = null;
    this.#connection.ontrack = null;
    this.#connection.onconnectionstatechange = null;
    this.#connection.onsignalingstatechange = null;
    this.#channel?.close();
    this.#connection.close();
  }

  async #negotiate(): Promise<void> {
    const connection = this.#connection;
    // The first offer is asked for twice: by the media that is added, and at once.
    if (this.#isMakingOffer || connection.signalingState !== 'stable') {
      return;
    }
    try {
      this.#isMakingOffer = true;
      await connection.setLocalDescription();
      if (!this.#isClosed) {
        this.#sendLocal();
      }
    } catch (cause) {
      if (!this.#isClosed) {
        console.warn('An offer could not be made.', cause);
      }
    } finally {
      this.#isMakingOffer = false;
    }
  }

  /** The other side wants to mend a connection of the time before this page: it has, or will get, a first offer instead. */
  #isOfUnknown(description: Description): boolean {
    return this.#remoteOrigin === null && this.#hasOffered && description.type === 'offer' && description.isFirst === false;
  }

  /** A second answer follows when an offer was said again after a loss. */
  async #takeAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    if (this.#connection.signalingState === 'have-local-offer') {
      this.#remoteOrigin = originOf(answer);
      await this.#connection.setRemoteDescription(answer);
    }
  }

  async #takeOffer(offer: RTCSessionDescriptionInit): Promise<void> {
    const connection = this.#connection;
    const isCollision = this.#isMakingOffer || connection.signalingState !== 'stable';
    this.#isIgnoringOffer = isCollision && !this.#options.isPolite();
    if (this.#isIgnoringOffer) {
      return;
    }
    const isFirst = this.#remoteOrigin === null;
    await connection.setRemoteDescription(offer);
    this.#remoteOrigin = originOf(offer);
    await this.#lines.answer(this.#options.tracks);
    this.#openChannel();
    this.emit('negotiated', undefined);
    await connection.setLocalDescription();
    this.#sendLocal();
    if (isFirst) {
      this.#addScreen();
    }
  }

  #addScreen(): void {
    const screen = this.#options.screen();
    if (screen) {
      void this.setScreen(screen);
    }
  }

  /** Only where the other side speaks it: other clients offer no channel or one of their own. */
  #openChannel(): void {
    const remote = this.#connection.remoteDescription?.sdp;
    if (this.#channel || (remote !== undefined && !/^m=application /m.test(remote))) {
      return;
    }
    this.#channel = new Channel(this.#connection);
    this.#channel.on('open', () => this.emit('channel', undefined));
    this.#channel.on('message', (message) => this.emit('message', message));
  }

  #onTrack(event: RTCTrackEvent): void {
    if (this.#lines.isOfPerson(event)) {
      // A track takes the place of an earlier one of its kind.
      const others = this.#camera?.getTracks().filter(({ kind }) => kind !== event.track.kind) ?? [];
      this.#camera = new MediaStream([...others, event.track]);
      this.emit('camera', this.#camera);
    }
  }

  #onSignalingState(): void {
    if (this.#connection.signalingState !== 'stable') {
      return;
    }
    const track = this.#lines.incomingScreen;
    if (track !== (this.#screen?.getTracks()[0] ?? null)) {
      this.#screen = track && new MediaStream([track]);
      this.emit('screen', this.#screen);
    }
    this.emit('negotiated', undefined);
  }

  #tellCandidate(candidate: RTCIceCandidate | null): void {
    if (candidate) {
      this.#candidates.push(candidate.toJSON());
      this.#options.signals.candidate(candidate.toJSON());
    }
  }

  #sendLocal(): void {
    const description = this.#connection.localDescription;
    if (description) {
      const { type } = description;
      const packetMs = this.#options.packetMs();
      const sdp = packetMs === null ? description.sdp : withPacketTime(description.sdp, packetMs);
      this.#options.signals.description({ type, sdp, ...(type === 'offer' ? { isFirst: this.#remoteOrigin === null } : {}) });
    }
  }
}
