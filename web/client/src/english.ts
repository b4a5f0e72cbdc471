/** English words for what the library says in codes. Whoever speaks other languages does not load them. */

import type { DeviceStatus } from './devices/state.js';
import { type Place, sayMoment, sayWhen } from './moment.js';
import type { Verdict } from './quality.js';
import type { Refusal, RefusalCode } from './refusal.js';

export { type Place, sayElapsed, sayMinutes, sayMoment, sayPeriod, sayWait } from './moment.js';

interface Times {
  /** `at 14:00`, `on Monday 14 December, 14:00`, or `at its time` where it is not known. */
  from: string;
  until: string;
}

type Words = { title: string; text: string | ((times: Times) => string) };

const LINK_INCOMPLETE: Words = { title: 'There is no such visit', text: 'The link may be incomplete. Please copy it whole from your invitation.' };
const NOT_YOURS: Words = {
  title: 'This visit is not yours',
  text: 'The link belongs to somebody who is not part of this visit. Please open the link from your own invitation.',
};

const WORDS: Readonly<Partial<Record<RefusalCode, Words>>> = {
  TOO_EARLY: { title: 'You are early', text: ({ from }) => `The door opens ${from}. You can wait on this page: it looks again by itself.` },
  WINDOW_CLOSED: {
    title: 'This visit is over',
    text: ({ until }) => `It could be joined until ${until}. If it should still take place, please ask for a new time.`,
  },
  PAYMENT_PENDING: {
    title: 'The payment has not arrived yet',
    text: ({ until }) => `You can join as soon as it is here, until ${until}. This page keeps looking.`,
  },
  PAYMENT_FAILED: {
    title: 'The payment did not go through',
    text: ({ until }) => `You can join once it has been paid, until ${until}. This page keeps looking.`,
  },
  PAYMENT_REFUNDED: { title: 'This visit was refunded', text: 'The payment was given back, so the visit does not take place.' },
  SESSION_NOT_CONFIRMED: {
    title: 'This visit is not confirmed yet',
    text: ({ until }) => `You can join once it is confirmed, until ${until}. This page keeps looking.`,
  },
  SESSION_CANCELLED: { title: 'This visit was cancelled', text: 'It does not take place. If that surprises you, please contact the practice.' },
  SESSION_DECLINED: { title: 'This visit was declined', text: 'It does not take place. If that surprises you, please contact the practice.' },
  SESSION_COMPLETED: { title: 'This visit has ended', text: 'It was completed and recorded, and cannot be joined again.' },
  AUTHENTICATION_FAILED: {
    title: 'This link does not let you in',
    text: 'It has expired or is incomplete. Please open the link from your invitation again, or ask for a new one.',
  },
  PERMISSION_DENIED: NOT_YOURS,
  SESSION_NOT_FOUND: LINK_INCOMPLETE,
  INVALID_SESSION_ID: LINK_INCOMPLETE,
  ROOM_NOT_FOUND: { title: 'There is no such room', text: 'Please open the link from your invitation again.' },
  ROOM_FULL: { title: 'The room is full', text: 'As many people as are booked are already there.' },
  CONNECTION_TIMEOUT: { title: 'The connection took too long', text: 'Please try again.' },
  RATE_LIMIT_EXCEEDED: { title: 'Too many tries', text: 'The server asks for a short break. This page goes on by itself.' },
  NETWORK_UNREACHABLE: { title: 'The server cannot be reached', text: 'Please check your connection. This page keeps trying.' },
  SERVICE_UNAVAILABLE: { title: 'The server is not ready', text: 'It will be back soon. This page keeps trying.' },
};

/** What to show for a refusal. `now` is the server's clock: {@link Visit.now}. */
export function sayRefusal(refusal: Refusal, now: Date, place: Place): { title: string; text: string } {
  const words = WORDS[refusal.code] ?? { title: 'That did not work', text: `The server said: ${refusal.message}` };
  const times = {
    from: refusal.from ? sayWhen(refusal.from, now, place) : 'at its time',
    until: refusal.until ? sayMoment(refusal.until, now, place) : 'its end',
  };
  return { title: words.title, text: typeof words.text === 'string' ? words.text : words.text(times) };
}

const DEVICE_WORDS: Readonly<Record<DeviceStatus, (device: string) => string>> = {
  closed: () => '',
  asking: (device) => `Your browser asks whether this page may use your ${device}.`,
  live: () => '',
  denied: (device) => `Your browser does not allow this page to use the ${device}. To change it, click the symbol beside the address.`,
  insecure: () => 'Browsers allow camera and microphone only on secure (https) addresses.',
  missing: (device) => `No ${device} was found.`,
  busy: (device) => `The ${device} is in use by another program.`,
  unplugged: (device) => `The ${device} is gone. Please check it, then switch it on again.`,
};

/** What is the matter with a device; empty when nothing is. */
export function sayDevice(device: 'microphone' | 'camera', status: DeviceStatus): string {
  return DEVICE_WORDS[status](device);
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  good: 'Good connection',
  fair: 'Fair connection',
  poor: 'Poor connection',
};

export function sayVerdict(verdict: Verdict): string {
  return VERDICT_WORDS[verdict];
}
