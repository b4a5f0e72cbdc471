/** What two clients of this library tell each other beside the media. Pure: what the other side sends is not trusted. */

import { MESSAGE_CHARACTERS_MAX } from '../message.js';
import type { Switches } from './switches.js';

export type ChannelMessage =
  | ({ type: 'switches'; /** The camera is on, but nothing of it is sent: the path is too narrow. */ isPaused: boolean } & Switches)
  /** Something was said; `heard` acknowledges it. */
  | { type: 'say'; id: string; text: string }
  | { type: 'heard'; id: string }
  /** The two steps of the safety code: a promise, and the number that was promised. Both in hexadecimal digits. */
  | { type: 'commit'; digest: string }
  | { type: 'reveal'; number: string }
  /** Is the path alive? */
  | { type: 'ping' }
  | { type: 'pong' };

/** A text of the greatest length whose every character is escaped, and a frame around it. */
const CHARACTERS_MAX = MESSAGE_CHARACTERS_MAX * 6 + 200;
const ID = /^[\w-]{1,64}$/;
/** 32 bytes. */
const HEXADECIMAL = /^[0-9a-f]{64}$/;

export function writeMessage(message: ChannelMessage): string {
  return JSON.stringify(message);
}

/** Null for everything that is no such message. Fields that are not known are left out. */
export function readMessage(data: unknown): ChannelMessage | null {
  const value = parse(data);
  switch (value?.['type']) {
    case 'switches':
      return readSwitches(value);
    case 'say':
      return isId(value['id']) && isText(value['text']) ? { type: 'say', id: value['id'], text: value['text'] } : null;
    case 'heard':
      return isId(value['id']) ? { type: 'heard', id: value['id'] } : null;
    case 'commit':
      return isHexadecimal(value['digest']) ? { type: 'commit', digest: value['digest'] } : null;
    case 'reveal':
      return isHexadecimal(value['number']) ? { type: 'reveal', number: value['number'] } : null;
    case 'ping':
    case 'pong':
      return { type: value['type'] };
    default:
      return null;
  }
}

function parse(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string' || data.length > CHARACTERS_MAX) {
    return null;
  }
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function readSwitches({ microphone, camera, screen, isPaused }: Record<string, unknown>): ChannelMessage | null {
  const isComplete = typeof microphone === 'boolean' && typeof camera === 'boolean';
  return isComplete ? { type: 'switches', microphone, camera, screen: screen === true, isPaused: isPaused === true } : null;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MESSAGE_CHARACTERS_MAX;
}

function isHexadecimal(value: unknown): value is string {
  return typeof value === 'string' && HEXADECIMAL.test(value);
}
