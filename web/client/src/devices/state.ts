/** What there is to know about one's own microphone, camera and loudspeaker. */

export type DeviceKind = 'microphone' | 'camera' | 'loudspeaker';

export interface DeviceInfo {
  deviceId: string;
  /** Empty until the browser has been allowed to use a device. */
  label: string;
}

/**
 * - `closed`: not asked for, or switched off and let go of
 * - `asking`: the browser is asking the person
 * - `live`: it works
 * - `denied`: the person or the system does not allow it; {@link Devices.retry} asks again, and a permission that is given
 *   later is noticed
 * - `insecure`: browsers allow devices on secure (https) addresses only
 * - `missing`: there is none; one that is plugged in is noticed
 * - `busy`: another program holds it, or it failed
 * - `unplugged`: it was live and is gone, and there is no other
 */
export type DeviceStatus = 'closed' | 'asking' | 'live' | 'denied' | 'insecure' | 'missing' | 'busy' | 'unplugged';

export interface OwnDevice {
  /** The others hear or see it: it is live and switched on. */
  isOn: boolean;
  status: DeviceStatus;
  /** The one in use, or the one chosen for the next time; null for the browser's choice. */
  deviceId: string | null;
  list: readonly DeviceInfo[];
  /** Null unless `status` is `live`. */
  track: MediaStreamTrack | null;
}

export interface Loudspeaker {
  /** Null for the system's choice. Whoever plays the sound applies it: `element.setSinkId(deviceId ?? '')`. */
  deviceId: string | null;
  list: readonly DeviceInfo[];
  /** Whether this browser lets a page choose at all. */
  canChoose: boolean;
}

/** A snapshot: each change gives a new one. */
export interface DevicesState {
  microphone: OwnDevice;
  camera: OwnDevice;
  loudspeaker: Loudspeaker;
}

/** What the person wanted the last time. The library stores nothing: whoever shows the page remembers it. */
export interface DevicesOptions {
  /** Whether to start switched on. Default true. */
  microphone?: boolean;
  camera?: boolean;
  /** Used if they are there, else the browser's choice. */
  microphoneId?: string | null;
  cameraId?: string | null;
  loudspeakerId?: string | null;
  /** The picture to ask the camera for. Default 1280 × 720 at 30 frames a second. */
  picture?: MediaTrackConstraints;
}

/** What an error of `getUserMedia` means (Media Capture and Streams §10.2). */
export function statusOf(errorName: string): DeviceStatus {
  switch (errorName) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'InsecureOrigin':
      return 'insecure';
    default:
      return 'busy';
  }
}

const KINDS: Readonly<Record<DeviceKind, MediaDeviceKind>> = { microphone: 'audioinput', camera: 'videoinput', loudspeaker: 'audiooutput' };

/** The devices of a kind as a person chooses among them: Chromium's aliases for the default are left out. */
export function listOf(kind: DeviceKind, devices: readonly MediaDeviceInfo[]): DeviceInfo[] {
  return devices
    .filter((device) => device.kind === KINDS[kind] && device.deviceId !== '' && !ALIASES.has(device.deviceId))
    .map(({ deviceId, label }) => ({ deviceId, label }));
}

const ALIASES: ReadonlySet<string> = new Set(['default', 'communications']);
