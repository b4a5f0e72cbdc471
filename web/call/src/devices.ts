/** One's own microphone and camera: asked for, switched, and said in words when missing. */

import type { LocalTracks, Switches } from '@holdspace/client';

export interface DevicesState {
  tracks: LocalTracks;
  switches: Switches;
  /** What a person should know, or empty. */
  problem: string;
  isAsking: boolean;
}

type Device = keyof Switches;

const VIDEO: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class Devices {
  #microphone: MediaStreamTrack | null = null;
  #camera: MediaStreamTrack | null = null;
  #wishes: Switches;
  #problem = '';
  #isAsking = false;

  constructor(
    wishes: Switches,
    private readonly onChange: (state: DevicesState) => void,
  ) {
    this.#wishes = wishes;
  }

  get state(): DevicesState {
    return {
      tracks: { audio: this.#microphone, video: this.#camera },
      switches: {
        microphone: this.#microphone?.enabled === true,
        camera: this.#camera !== null,
      },
      problem: this.#problem,
      isAsking: this.#isAsking,
    };
  }

  /** Asks for both; takes what it gets. One can join without either. */
  async open(): Promise<void> {
    this.#isAsking = true;
    this.#tell();
    const { camera } = this.#wishes;
    const failure = await this.#ask({ audio: AUDIO, ...(camera ? { video: VIDEO } : {}) });
    if (failure !== null && camera) {
      // The two fail together when only one is missing or refused.
      const microphoneFailure = await this.#ask({ audio: AUDIO });
      const cameraFailure = await this.#ask({ video: VIDEO });
      this.#problem = sayMissing(microphoneFailure, cameraFailure);
    } else {
      this.#problem = sayMissing(failure, null);
    }
    this.#isAsking = false;
    this.#tell();
  }

  /** The microphone goes silent; the camera is let go of, so that its light goes out. */
  async toggle(device: Device): Promise<void> {
    const isOn = !this.state.switches[device];
    this.#wishes = { ...this.#wishes, [device]: isOn };
    if (device === 'camera') {
      await this.#toggleCamera(isOn);
    } else if (this.#microphone) {
      this.#microphone.enabled = isOn;
    } else {
      this.#problem = sayMissing(await this.#ask({ audio: AUDIO }), null);
    }
    this.#tell();
  }

  async #toggleCamera(isOn: boolean): Promise<void> {
    if (isOn) {
      this.#problem = sayMissing(null, await this.#ask({ video: VIDEO }));
    } else {
      this.#camera?.stop();
      this.#camera = null;
    }
  }

  /** The error's name when nothing was given. */
  async #ask(constraints: MediaStreamConstraints): Promise<string | null> {
    try {
      // Absent on an insecure origin.
      if (!navigator.mediaDevices) {
        return 'InsecureOrigin';
      }
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      stream.getTracks().forEach((track) => this.#use(track));
      return null;
    } catch (cause) {
      return cause instanceof Error ? cause.name : 'UnknownError';
    }
  }

  #use(track: MediaStreamTrack): void {
    if (track.kind === 'audio') {
      this.#microphone?.stop();
      this.#microphone = track;
      track.enabled = this.#wishes.microphone;
      track.onended = () => this.#lose('microphone');
    } else {
      this.#camera?.stop();
      this.#camera = track;
      track.onended = () => this.#lose('camera');
    }
  }

  /** Unplugged, or permission taken back: `stop()` by ourselves raises no event. */
  #lose(device: Device): void {
    if (device === 'camera') {
      this.#camera = null;
    } else {
      this.#microphone = null;
    }
    this.#problem = `The ${device} is gone. Please check it, then switch it on again.`;
    this.#tell();
  }

  #tell(): void {
    this.onChange(this.state);
  }
}

/** What is missing and what to do, from the names of the errors; empty when nothing is. */
export function sayMissing(microphone: string | null, camera: string | null): string {
  const missing = [...(microphone ? ['microphone'] : []), ...(camera ? ['camera'] : [])];
  const reason = camera ?? microphone;
  if (reason === null) {
    return '';
  }
  const devices = missing.join(' and ');
  const consequence = missing.length === 2 ? 'You can join and see and hear the other.' : `You can join without a ${devices}.`;
  switch (reason) {
    case 'NotAllowedError':
      return `Your browser does not allow this page to use the ${devices}. ${consequence} To change it, click the symbol beside the address.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${devices} was found. ${consequence}`;
    case 'NotReadableError':
      return `The ${devices} is in use by another program. ${consequence}`;
    case 'InsecureOrigin':
      return `Browsers allow camera and microphone only on secure (https) addresses. ${consequence}`;
    default:
      return `The ${devices} could not be used. ${consequence}`;
  }
}
