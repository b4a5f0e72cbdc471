/** The lines of media to one other person: voice, camera, and the screen while one is shared. */

export type MediaKind = 'audio' | 'video';
export type LocalTracks = Readonly<Record<MediaKind, MediaStreamTrack | null>>;

const KINDS: readonly MediaKind[] = ['audio', 'video'];
/** A screen is read rather than watched: sharp, and seldom new. */
const SCREEN_ENCODING: RTCRtpEncodingParameters = { maxBitrate: 2_500_000, maxFramerate: 15 };

export class Lines {
  readonly #connection: RTCPeerConnection;
  readonly #own: Record<MediaKind, RTCRtpTransceiver | null> = { audio: null, video: null };
  readonly #incoming: Record<MediaKind, RTCRtpTransceiver | null> = { audio: null, video: null };
  #screen: RTCRtpTransceiver | null = null;

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
  }

  /** The line on which one's own camera is sent, once there is one. */
  get camera(): RTCRtpSender | null {
    return this.#own.video?.sender ?? null;
  }

  /** What arrives on the other's screen line; null while nothing is shared. */
  get incomingScreen(): MediaStreamTrack | null {
    // With an answer, the state is told before the tracks are: until then it is the line that was offered.
    const person = this.#incoming.video ?? this.#own.video;
    const line = this.#connection
      .getTransceivers()
      .find(({ receiver, currentDirection }) => receiver.track.kind === 'video' && receiver !== person?.receiver && receives(currentDirection));
    return line?.receiver.track ?? null;
  }

  /** Opens voice and camera, as whoever offers first. `firstScale`: how much smaller the first pictures are. */
  open(tracks: LocalTracks, firstScale: number): void {
    const stream = new MediaStream(KINDS.flatMap((kind) => tracks[kind] ?? []));
    for (const kind of KINDS) {
      const encoding = kind === 'video' ? { sendEncodings: [{ scaleResolutionDownBy: firstScale }] } : {};
      this.#own[kind] = this.#connection.addTransceiver(tracks[kind] ?? kind, { direction: 'sendrecv', streams: [stream], ...encoding });
    }
  }

  /** Puts one's own tracks into the lines that the other side has offered. */
  async answer(tracks: () => LocalTracks): Promise<void> {
    const stream = new MediaStream();
    for (const kind of KINDS) {
      const line = this.#own[kind] ? null : this.#offered(kind);
      if (line) {
        this.#own[kind] = line;
        line.direction = 'sendrecv';
        // Other clients wait for a stream rather than for tracks.
        line.sender.setStreams?.(stream);
        // Asked each time: a camera may have been allowed meanwhile.
        await line.sender.replaceTrack(tracks()[kind]);
      }
    }
  }

  async setTrack(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    await this.#own[kind]?.sender.replaceTrack(track);
  }

  /** Adds a line for the screen or takes it away, upon which the browser asks for a negotiation. */
  async setScreen(stream: MediaStream | null): Promise<void> {
    const track = stream?.getVideoTracks()[0] ?? null;
    if (this.#screen === null) {
      if (stream && track) {
        this.#screen = this.#connection.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings: [SCREEN_ENCODING] });
      }
      return;
    }
    this.#screen.direction = track ? 'sendonly' : 'inactive';
    if (stream) {
      this.#screen.sender.setStreams?.(stream);
    }
    await this.#screen.sender.replaceTrack(track);
  }

  /** Whether a track that came in belongs to the person rather than to the screen: the first line of its kind does. */
  isOfPerson({ track, transceiver }: RTCTrackEvent): boolean {
    const kind = track.kind as MediaKind;
    this.#incoming[kind] ??= transceiver;
    return this.#incoming[kind] === transceiver;
  }

  #offered(kind: MediaKind): RTCRtpTransceiver | null {
    const lines = this.#connection.getTransceivers();
    return lines.find((line) => line.receiver.track.kind === kind && line.mid !== null && line !== this.#screen) ?? null;
  }
}

function receives(direction: RTCRtpTransceiverDirection | null): boolean {
  return direction === 'recvonly' || direction === 'sendrecv';
}
