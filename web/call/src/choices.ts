/**
 * What is kept in the browser after a visit, and nothing else is: `holdspace:devices` ({microphone, camera, loudspeaker},
 * each the id that the browser gave a device on this origin) and `holdspace:language` (a code such as `de`).
 */

import type { DeviceKind } from '@holdspace/client';
import { LANGUAGES, type LanguageCode } from './language.js';

const DEVICES = 'holdspace:devices';
const LANGUAGE = 'holdspace:language';

export type DeviceChoice = Partial<Record<DeviceKind, string>>;

export function readDevices(): DeviceChoice {
  try {
    const value: unknown = JSON.parse(read(DEVICES) ?? '{}');
    const kept = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(kept.filter(([, id]) => typeof id === 'string')) as DeviceChoice;
  } catch {
    return {};
  }
}

export function keepDevice(kind: DeviceKind, deviceId: string | null): void {
  const { [kind]: _, ...others } = readDevices();
  write(DEVICES, JSON.stringify(deviceId === null ? others : { ...others, [kind]: deviceId }));
}

export function readLanguage(): LanguageCode | null {
  const code = read(LANGUAGE);
  return LANGUAGES.find((one) => one === code) ?? null;
}

export function keepLanguage(code: LanguageCode): void {
  write(LANGUAGE, code);
}

/** Storage may be forbidden, as in some frames: then nothing is kept, and nothing breaks. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
}
