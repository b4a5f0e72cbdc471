/** One microphone or camera: its track, and what is the matter when there is none. */

import type { DeviceInfo, DeviceStatus, OwnDevice } from './state.js';

export type InputKind = 'microphone' | 'camera';

export interface InputOptions {
  isWanted: boolean;
  deviceId: string | null;
  onEnded: (kind: InputKind) => void;
}

export class Input {
  readonly #kind: InputKind;
  readonly #wishes: MediaTrackConstraints;
  readonly #onEnded: (kind: InputKind) => void;
  #isWanted: boolean;
  #deviceId: string | null;
  #track: MediaStreamTrack | null = null;
  #status: DeviceStatus = 'closed';

  constructor(kind: InputKind, wishes: MediaTrackConstraints, options: InputOptions) {
    this.#kind = kind;
    this.#wishes = wishes;
    this.#onEnded = options.onEnded;
    this.#isWanted = options.isWanted;
    this.#deviceId = options.deviceId;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  set isWanted(isWanted: boolean) {
    this.#isWanted = isWanted;
    if (this.#track) {
      this.#track.enabled = isWanted;
    }
  }

  get status(): DeviceStatus {
    return this.#status;
  }

  ask(): void {
    this.#status = 'asking';
  }

  /** `deviceId` is a wish: a device that is gone is no reason to have none. */
  constraints(isExact = false): MediaStreamConstraints {
    const device = this.#deviceId === null ? {} : { deviceId: isExact ? { exact: this.#deviceId } : { ideal: this.#deviceId } };
    return { [this.#kind === 'camera' ? 'video' : 'audio']: { ...this.#wishes, ...device } };
  }

  /** Takes its track out of what the browser gave. */
  take(stream: MediaStream): void {
    const [track] = this.#kind === 'camera' ? stream.getVideoTracks() : stream.getAudioTracks();
    if (!track) {
      return;
    }
    if (!this.#isWanted && this.#kind === 'camera') {
      // Switched off while the browser was asking.
      track.stop();
      this.#status = 'closed';
      return;
    }
    this.#stop();
    this.#track = track;
    this.#status = 'live';
    this.#deviceId = track.getSettings().deviceId ?? this.#deviceId;
    track.enabled = this.#isWanted;
    track.onended = () => this.#onEnded(this.#kind);
  }

  /** Changes to another device; the present one stays when that fails. */
  async choose(deviceId: string | null): Promise<void> {
    const before = this.#deviceId;
    this.#deviceId = deviceId;
    if (this.#status !== 'live') {
      return;
    }
    try {
      this.take(await navigator.mediaDevices.getUserMedia(this.constraints(deviceId !== null)));
    } catch (cause) {
      this.#deviceId = before;
      throw cause;
    }
  }

  release(status: DeviceStatus): void {
    this.#stop();
    this.#status = status;
  }

  snapshot(list: readonly DeviceInfo[]): OwnDevice {
    return { isOn: this.#track !== null && this.#isWanted, status: this.#status, deviceId: this.#deviceId, list, track: this.#track };
  }

  #stop(): void {
    if (this.#track) {
      this.#track.onended = null;
      this.#track.stop();
      this.#track = null;
    }
  }
}
