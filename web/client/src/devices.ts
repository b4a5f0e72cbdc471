/** One's own microphone, camera and loudspeaker: asked for, switched, chosen, and watched for what happens to them. */

import { type DeviceKind, type DevicesOptions, type DevicesState, listOf, statusOf } from './devices/state.js';
import { Input, type InputKind } from './devices/input.js';
import { Emitter } from './emitter.js';

export interface DevicesEvents {
  change: DevicesState;
}

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const INPUTS: readonly InputKind[] = ['microphone', 'camera'];

export class Devices extends Emitter<DevicesEvents> {
  readonly #inputs: Readonly<Record<InputKind, Input>>;
  #closing = new AbortController();
  #loudspeakerId: string | null;
  #all: MediaDeviceInfo[] = [];
  #isWatching = false;
  /** One question at a time: browsers show one, and two that meet would leave a camera running. */
  #jobs: Promise<void> = Promise.resolve();
  #state: DevicesState;

  constructor(options: DevicesOptions = {}) {
    super();
    const onEnded = (kind: InputKind) => void this.#queue(() => this.#onEnded(kind));
    this.#inputs = {
      microphone: new Input('microphone', SOUND, { isWanted: options.microphone ?? true, deviceId: options.microphoneId ?? null, onEnded }),
      camera: new Input('camera', options.picture ?? PICTURE, { isWanted: options.camera ?? true, deviceId: options.cameraId ?? null, onEnded }),
    };
    this.#loudspeakerId = options.loudspeakerId ?? null;
    this.#state = this.#snapshot();
  }

  get state(): DevicesState {
    return this.#state;
  }

  /** Asks for what is wanted, in one question, and takes what it gets. Never throws: what is the matter is in the state. */
  open(): Promise<void> {
    this.#watch();
    return this.#queue(async () => {
      await this.#openWanted(INPUTS.filter((kind) => this.#inputs[kind].isWanted && this.#inputs[kind].status !== 'live'));
      await this.#list();
    });
  }

  /** Asks again for what is wanted and not there. */
  retry(): Promise<void> {
    return this.open();
  }

  /** Off silences the microphone; the others hear nothing from the next sample on. */
  setMicrophone(isOn: boolean): Promise<void> {
    return this.#switch('microphone', isOn);
  }

  /** Off lets go of the camera, so that its light goes out. */
  setCamera(isOn: boolean): Promise<void> {
    return this.#switch('camera', isOn);
  }

  /** Takes another device, now if that kind is in use. When it cannot be had, the present one stays and the promise rejects. */
  choose(kind: DeviceKind, deviceId: string | null): Promise<void> {
    if (kind === 'loudspeaker') {
      this.#loudspeakerId = deviceId;
      this.#tell();
      return Promise.resolve();
    }
    return this.#queue(async () => {
      const { signal } = this.#closing;
      await this.#inputs[kind].choose(deviceId);
      if (signal.aborted) {
        this.#inputs[kind].release('closed');
      }
      this.#tell();
    });
  }

  /** Lets go of everything. It can be opened again. */
  close(): void {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#isWatching = false;
    INPUTS.forEach((kind) => this.#inputs[kind].release('closed'));
    this.#tell();
  }

  #switch(kind: InputKind, isOn: boolean): Promise<void> {
    const input = this.#inputs[kind];
    input.isWanted = isOn;
    if (!isOn && kind === 'camera') {
      input.release('closed');
    }
    this.#tell();
    return this.#queue(async () => {
      if (input.isWanted && input.status !== 'live') {
        await this.#openWanted([kind]);
        await this.#list();
      }
    });
  }

  async #openWanted(kinds: readonly InputKind[]): Promise<void> {
    const asked = kinds.map((kind) => this.#inputs[kind]);
    asked.forEach((input) => input.ask());
    this.#tell();
    const { signal } = this.#closing;
    const failure = await this.#ask(asked);
    if (failure !== null && asked.length > 1) {
      // The two fail together when only one is missing or refused.
      for (const input of asked) {
        if (!signal.aborted) {
          await this.#ask([input]);
          this.#tell();
        }
      }
    }
    this.#tell();
  }

  /** The error's name when nothing was given. */
  async #ask(inputs: readonly Input[]): Promise<string | null> {
    if (inputs.length === 0) {
      return null;
    }
    const constraints = Object.assign({}, ...inputs.map((input) => input.constraints())) as MediaStreamConstraints;
    const { signal } = this.#closing;
    try {
      const stream = await getMedia(constraints);
      if (signal.aborted) {
        // Closed while the browser was asking.
        stream.getTracks().forEach((track) => track.stop());
        return null;
      }
      inputs.forEach((input) => input.take(stream));
      return null;
    } catch (cause) {
      const name = cause instanceof Error ? cause.name : 'UnknownError';
      if (signal.aborted) {
        return name;
      }
      inputs.forEach((input) => input.release(statusOf(name)));
      return name;
    }
  }

  /** The device was pulled out, or the permission taken back; `stop()` by ourselves raises no event. */
  async #onEnded(kind: InputKind): Promise<void> {
    const input = this.#inputs[kind];
    input.release('unplugged');
    await this.#list();
    if (listOf(kind, this.#all).length > 0 && input.isWanted) {
      // Another one takes over, as when a headset is pulled out.
      await this.#openWanted([kind]);
    }
  }

  #watch(): void {
    if (this.#isWatching || !navigator.mediaDevices) {
      return;
    }
    this.#isWatching = true;
    const { signal } = this.#closing;
    navigator.mediaDevices.addEventListener('devicechange', () => void this.#queue(() => this.#onPlugged()), { signal });
    for (const kind of INPUTS) {
      void this.#watchPermission(kind);
    }
  }

  async #watchPermission(kind: InputKind): Promise<void> {
    const { signal } = this.#closing;
    try {
      const permission = await navigator.permissions.query({ name: kind as PermissionName });
      permission.addEventListener('change', () => {
        if (permission.state === 'granted' && this.#inputs[kind].status === 'denied') {
          void this.retry();
        }
      }, { signal });
    } catch {
      // Not every browser tells of these permissions.
    }
  }

  async #onPlugged(): Promise<void> {
    await this.#list();
    const back = INPUTS.filter((kind) => {
      const { isWanted, status } = this.#inputs[kind];
      return isWanted && (status === 'missing' || status === 'unplugged') && listOf(kind, this.#all).length > 0;
    });
    if (back.length > 0) {
      await this.#openWanted(back);
    }
  }

  async #list(): Promise<void> {
    this.#all = (await navigator.mediaDevices?.enumerateDevices().catch(() => null)) ?? [];
    this.#tell();
  }

  #queue(job: () => Promise<void>): Promise<void> {
    // What is still to be done when everything is let go of is not done.
    const { signal } = this.#closing;
    const result = this.#jobs.then(() => (signal.aborted ? undefined : job()));
    this.#jobs = result.catch(() => undefined);
    return result;
  }

  #tell(): void {
    this.#state = this.#snapshot();
    this.emit('change', this.#state);
  }

  #snapshot(): DevicesState {
    const { microphone, camera } = this.#inputs;
    return {
      microphone: microphone.snapshot(listOf('microphone', this.#all)),
      camera: camera.snapshot(listOf('camera', this.#all)),
      loudspeaker: {
        deviceId: this.#loudspeakerId,
        list: listOf('loudspeaker', this.#all),
        canChoose: typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype,
      },
    };
  }
}

/** `mediaDevices` is absent on an insecure origin. */
function getMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices) {
    return Promise.reject(Object.assign(new Error('No devices on an insecure origin.'), { name: 'InsecureOrigin' }));
  }
  return navigator.mediaDevices.getUserMedia(constraints);
}
