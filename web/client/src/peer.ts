/** The media connection to one other person: perfect negotiation, trickled candidates, repair. */

import { Emitter } from './emitter.js';
import { originOf } from './sdp.js';
import { type Switches, readSwitches } from './switches.js';

export type MediaKind = 'audio' | 'video';
export type LocalTracks = Readonly<Record<MediaKind, MediaStreamTrack | null>>;

/** How signals reach the other side. One that cannot be sent now is lost: {@link Peer.catchUp} makes up for it. */
export interface PeerSignals {
  description(description: RTCSessionDescriptionInit): void;
  candidate(candidate: RTCIceCandidateInit): void;
  /** Finds out whether the way to the server is dead, and renews it if so. */
  probe(): void;
}

export interface PeerEvents {
  track: MediaStreamTrack;
  connection: RTCPeerConnectionState;
  switches: Switches;
}

export interface PeerOptions {
  /** Gives way when both sides offer at once. */
  isPolite: boolean;
  signals: PeerSignals;
  /** Makes a connection, or hands out one that was made beforehand. */
  connection: () => RTCPeerConnection;
  /** Servers and credentials that work now: those of the beginning may have expired. */
  configuration: () => Promise<RTCConfiguration>;
  tracks: () => LocalTracks;
  switches: () => Switches;
}

const KINDS: readonly MediaKind[] = ['audio', 'video'];
/** Agreed beforehand, and far from the numbers that channels of other clients get. */
const CHANNEL = { label: 'holdspace', id: 100 };
/**
 * Before anything is known of the path, browsers assume a narrow one and drop the first frames of a large picture.
 * So the first second is sent small, and the first picture comes at once.
 */
const FIRST_SCALE = 4;
const FIRST_SCALE_MS = 1_000;
/** A short break heals by itself; a longer one needs new candidates. */
const DISCONNECTED_MAX_MS = 1_500;
/**
 * Both sides notice a break at once, and the polite one leaves the repair to the other for this long. Two repairs that
 * meet are to be avoided: taking one back leaves Chromium decoding frames that it no longer shows.
 */
const YIELD_MS = 12_000;

export class Peer extends Emitter<PeerEvents> {
  readonly #options: PeerOptions;
  #connection: RTCPeerConnection;
  #channel: RTCDataChannel | null = null;
  #jobs: Promise<void> = Promise.resolve();
  #isMakingOffer = false;
  #isIgnoringOffer = false;
  #remoteOrigin: string | null = null;
  /** Of the present path, to be said again to somebody who was away. */
  #candidates: RTCIceCandidateInit[] = [];
  #isPolite: boolean;
  #repairTimer: ReturnType<typeof setTimeout> | undefined;
  #growTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PeerOptions) {
    super();
    this.#options = options;
    this.#isPolite = options.isPolite;
    this.#connection = this.#take();
  }

  get isPolite(): boolean {
    return this.#isPolite;
  }

  /** Opens the call: adds media, which makes the browser ask for an offer. */
  offer(): void {
    const tracks = this.#options.tracks();
    const stream = new MediaStream(KINDS.flatMap((kind) => tracks[kind] ?? []));
    for (const kind of KINDS) {
      const encoding = kind === 'video' ? { sendEncodings: [{ scaleResolutionDownBy: FIRST_SCALE }] } : {};
      this.#connection.addTransceiver(tracks[kind] ?? kind, { direction: 'sendrecv', streams: [stream], ...encoding });
    }
    this.#openChannel();
    void this.#negotiate();
  }

  /** Signals are taken one after the other, in the order in which they came. */
  take(signal: { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit | null }): void {
    this.#jobs = this.#jobs
      .then(() => ('description' in signal ? this.#takeDescription(signal.description) : this.#takeCandidate(signal.candidate)))
      .catch((cause: unknown) => console.warn('A signal could not be used.', cause));
  }

  /** After either side was away: whatever was under way is said again, and a broken path is renewed. */
  catchUp(isPolite: boolean): void {
    this.#isPolite = isPolite;
    const { signalingState, connectionState } = this.#connection;
    if (signalingState !== 'stable') {
      this.#sendLocal();
    } else if (connectionState === 'disconnected' || connectionState === 'failed') {
      this.#scheduleRepair(0);
    } else if (connectionState !== 'connected') {
      this.#candidates.forEach((candidate) => this.#options.signals.candidate(candidate));
    }
  }

  async setTrack(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    const transceiver = this.#connection.getTransceivers().find((candidate) => candidate.receiver.track.kind === kind);
    await transceiver?.sender.replaceTrack(track);
  }

  tellSwitches(): void {
    if (this.#channel?.readyState === 'open') {
      this.#channel.send(JSON.stringify(this.#options.switches()));
    }
  }

  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    clearTimeout(this.#repairTimer);
    clearTimeout(this.#growTimer);
    this.#growTimer = undefined;
    this.#letGo(this.#connection);
    this.#connection.close();
  }

  #take(): RTCPeerConnection {
    const connection = this.#options.connection();
    connection.onnegotiationneeded = () => void this.#negotiate();
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) {
        this.#candidates.push(candidate.toJSON());
        this.#options.signals.candidate(candidate.toJSON());
      }
    };
    connection.ontrack = ({ track }) => this.emit('track', track);
    connection.onconnectionstatechange = () => this.#onConnectionState();
    return connection;
  }

  #letGo(connection: RTCPeerConnection): void {
    connection.onnegotiationneeded = null;
    connection.onicecandidate = null;
    connection.ontrack = null;
    connection.onconnectionstatechange = null;
  }

  async #negotiate(): Promise<void> {
    const connection = this.#connection;
    if (this.#isMakingOffer || connection.signalingState !== 'stable') {
      return;
    }
    this.#isMakingOffer = true;
    try {
      await connection.setLocalDescription();
      this.#sendLocal();
    } catch (cause) {
      console.warn('No offer could be made.', cause);
    } finally {
      this.#isMakingOffer = false;
    }
  }

  async #takeDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (description.type === 'answer') {
      await this.#takeAnswer(description);
    } else {
      await this.#takeOffer(description);
    }
  }

  /** A second answer follows when an offer was said again after a loss. */
  async #takeAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    if (this.#connection.signalingState === 'have-local-offer') {
      this.#remoteOrigin = originOf(answer);
      await this.#connection.setRemoteDescription(answer);
    }
  }

  async #takeOffer(offer: RTCSessionDescriptionInit): Promise<void> {
    const origin = originOf(offer);
    if (this.#remoteOrigin !== null && origin !== this.#remoteOrigin) {
      this.#renew();
    }
    const isCollision = this.#isMakingOffer || this.#connection.signalingState !== 'stable';
    this.#isIgnoringOffer = isCollision && !this.#isPolite;
    if (this.#isIgnoringOffer) {
      return;
    }
    const connection = this.#connection;
    await connection.setRemoteDescription(offer);
    this.#remoteOrigin = origin;
    await this.#answerWithMedia(connection);
    this.#openChannel();
    await connection.setLocalDescription();
    this.#sendLocal();
  }

  /** Puts one's own tracks into the lines that the other side has offered. */
  async #answerWithMedia(connection: RTCPeerConnection): Promise<void> {
    const stream = new MediaStream();
    for (const kind of KINDS) {
      const transceiver = connection.getTransceivers().find((candidate) => candidate.receiver.track.kind === kind);
      if (transceiver && transceiver.direction !== 'sendrecv') {
        transceiver.direction = 'sendrecv';
        // Other clients wait for a stream rather than for tracks.
        transceiver.sender.setStreams?.(stream);
        // Asked each time: a camera may have been allowed meanwhile.
        await Promise.all([transceiver.sender.replaceTrack(this.#options.tracks()[kind]), setScale(transceiver, FIRST_SCALE)]);
      }
    }
  }

  async #takeCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    try {
      await this.#connection.addIceCandidate(candidate ?? undefined);
    } catch (cause) {
      if (!this.#isIgnoringOffer) {
        throw cause;
      }
    }
  }

  /** The other side's page was loaded anew: its old connection will never answer. */
  #renew(): void {
    this.close();
    this.#channel = null;
    this.#remoteOrigin = null;
    this.#candidates = [];
    this.#isMakingOffer = false;
    this.#connection = this.#take();
  }

  /** Only where the other side speaks it: other clients offer no channel or one of their own. */
  #openChannel(): void {
    const remote = this.#connection.remoteDescription?.sdp;
    if (this.#channel || (remote !== undefined && !/^m=application /m.test(remote))) {
      return;
    }
    const channel = this.#connection.createDataChannel(CHANNEL.label, { negotiated: true, id: CHANNEL.id });
    channel.onopen = () => this.tellSwitches();
    channel.onmessage = ({ data }) => {
      const switches = readSwitches(data);
      if (switches) {
        this.emit('switches', switches);
      }
    };
    this.#channel = channel;
  }

  #sendLocal(): void {
    const description = this.#connection.localDescription;
    if (description) {
      this.#options.signals.description({ type: description.type, sdp: description.sdp });
    }
  }

  #onConnectionState(): void {
    const state = this.#connection.connectionState;
    clearTimeout(this.#repairTimer);
    if (state === 'connected') {
      this.#growTimer ??= setTimeout(() => void this.#grow(), FIRST_SCALE_MS);
    } else if (state === 'failed') {
      this.#scheduleRepair(0);
    } else if (state === 'disconnected') {
      this.#scheduleRepair(DISCONNECTED_MAX_MS);
    }
    this.emit('connection', state);
  }

  #scheduleRepair(delayMs: number): void {
    clearTimeout(this.#repairTimer);
    // What broke the media may have broken the signaling too, and an offer sent there would be lost.
    this.#options.signals.probe();
    this.#repairTimer = setTimeout(() => void this.#repair(), delayMs + (this.#isPolite ? YIELD_MS : 0));
  }

  /** Looks for a new path. */
  async #repair(): Promise<void> {
    const connection = this.#connection;
    const configuration = await this.#options.configuration().catch(() => null);
    if (connection.signalingState === 'closed') {
      return;
    }
    if (configuration) {
      connection.setConfiguration(configuration);
    }
    this.#candidates = [];
    connection.restartIce();
  }

  async #grow(): Promise<void> {
    await Promise.all(this.#connection.getTransceivers().map((transceiver) => setScale(transceiver, 1)));
  }
}

async function setScale({ sender, receiver }: RTCRtpTransceiver, scale: number): Promise<void> {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings;
  if (receiver.track.kind !== 'video' || !encoding) {
    return;
  }
  encoding.scaleResolutionDownBy = scale;
  // Where a browser cannot, the picture is only later or larger.
  await sender.setParameters(parameters).catch(() => undefined);
}
