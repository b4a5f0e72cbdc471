/** What is the matter with one's own microphone and camera, and what they are called. Pure. */

import type { DeviceInfo, DeviceStatus, DevicesState } from '@holdspace/client';
import type { Language } from '../language.js';

type Problem = 'denied' | 'missing' | 'busy' | 'unplugged';

const PROBLEMS: ReadonlySet<DeviceStatus> = new Set<DeviceStatus>(['denied', 'missing', 'busy', 'unplugged']);

/** One sentence for each problem, one for both when they are the same. */
export function sayProblems({ microphone, camera }: DevicesState, { words }: Language): string[] {
  if (microphone.status === 'insecure' || camera.status === 'insecure') {
    return [words.devices.insecure];
  }
  const [sound, picture] = [problemOf(microphone.status), problemOf(camera.status)];
  const { problems } = words.devices;
  if (sound && sound === picture) {
    return [problems.both[sound]];
  }
  return [...(sound ? [problems.microphone[sound]] : []), ...(picture ? [problems.camera[picture]] : [])];
}

/** Browsers number devices without a name, and put a hardware id behind those that have one. */
export function sayDevice({ label }: DeviceInfo, index: number, { words, locale }: Language): string {
  const name = label.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)$/i, '');
  return name || words.devices.unnamed(new Intl.NumberFormat(locale).format(index + 1));
}

function problemOf(status: DeviceStatus): Problem | null {
  return PROBLEMS.has(status) ? (status as Problem) : null;
}
