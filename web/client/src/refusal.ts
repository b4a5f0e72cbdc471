/** Every reason not to be let in, in plain words, with the moment at which it can change. Pure. */

import { type HoldspaceError, NETWORK_UNREACHABLE } from './error.js';
import { type Place, sayMoment, sayWhen } from './moment.js';
import type { CanJoin } from './wire.js';

export interface Refusal {
  code: string;
  title: string;
  text: string;
  /** When to ask again without being told to; null when only a person can change it. */
  recheckAt: Date | null;
}

/** What the platform may change at any moment is looked at this often: 2 of 10 requests a minute. */
const POLL_SECONDS = 30;
/** Asking right at the edge of a window could come a moment too early. */
const AFTER_EDGE_MS = 250;

interface Facts {
  from: string;
  until: string;
}

type Words = { title: string; text: (facts: Facts) => string; isPolled: boolean };

const ANSWERS: Readonly<Record<string, Words>> = {
  TOO_EARLY: {
    title: 'You are early',
    text: ({ from }) => `The door opens ${from}. You can wait on this page: it looks again by itself.`,
    isPolled: false,
  },
  WINDOW_CLOSED: {
    title: 'This visit is over',
    text: ({ until }) => `It could be joined until ${until}. If it should still take place, please ask for a new time.`,
    isPolled: false,
  },
  PAYMENT_PENDING: {
    title: 'The payment has not arrived yet',
    text: ({ until }) => `You can join as soon as it is here, until ${until}. This page keeps looking.`,
    isPolled: true,
  },
  PAYMENT_FAILED: {
    title: 'The payment did not go through',
    text: ({ until }) => `You can join once it has been paid, until ${until}. This page keeps looking.`,
    isPolled: true,
  },
  PAYMENT_REFUNDED: {
    title: 'This visit was refunded',
    text: () => 'The payment was given back, so the visit does not take place.',
    isPolled: false,
  },
  SESSION_NOT_CONFIRMED: {
    title: 'This visit is not confirmed yet',
    text: ({ until }) => `You can join once it is confirmed, until ${until}. This page keeps looking.`,
    isPolled: true,
  },
  SESSION_CANCELLED: {
    title: 'This visit was cancelled',
    text: () => 'It does not take place. If that surprises you, please contact the practice.',
    isPolled: false,
  },
  SESSION_DECLINED: {
    title: 'This visit was declined',
    text: () => 'It does not take place. If that surprises you, please contact the practice.',
    isPolled: false,
  },
  SESSION_COMPLETED: {
    title: 'This visit has ended',
    text: () => 'It was completed and recorded, and cannot be joined again.',
    isPolled: false,
  },
};

const ERRORS: Readonly<Record<string, { title: string; text: string }>> = {
  AUTHENTICATION_FAILED: {
    title: 'This link does not let you in',
    text: 'It has expired or is incomplete. Please open the link from your invitation again, or ask for a new one.',
  },
  PERMISSION_DENIED: {
    title: 'This visit is not yours',
    text: 'The link belongs to somebody who is not part of this visit. Please open the link from your own invitation.',
  },
  SESSION_NOT_FOUND: { title: 'There is no such visit', text: 'The link may be incomplete. Please copy it whole from your invitation.' },
  INVALID_SESSION_ID: { title: 'There is no such visit', text: 'The link may be incomplete. Please copy it whole from your invitation.' },
  ROOM_NOT_FOUND: { title: 'There is no such room', text: 'Please open the link from your invitation again.' },
  ROOM_FULL: { title: 'The room is full', text: 'As many people as are booked are already there.' },
  CONNECTION_TIMEOUT: { title: 'The connection took too long', text: 'Please try again.' },
  RATE_LIMIT_EXCEEDED: { title: 'Too many tries', text: 'The server asks for a short break. This page goes on by itself.' },
  [NETWORK_UNREACHABLE]: { title: 'The server cannot be reached', text: 'Please check your connection. This page keeps trying.' },
  SERVICE_UNAVAILABLE: { title: 'The server is not ready', text: 'It will be back soon. This page keeps trying.' },
};

/** Why `answer` shuts the door, or null when it does not. */
export function explainAnswer(answer: CanJoin, now: Date, place: Place): Refusal | null {
  if (answer.canJoin) {
    return null;
  }
  const code = answer.reason ?? 'UNKNOWN';
  const words = ANSWERS[code];
  const facts = {
    from: sayWhen(new Date(answer.timeWindow.allowedFrom), now, place),
    until: sayMoment(new Date(answer.timeWindow.allowedUntil), now, place),
  };
  return {
    code,
    title: words?.title ?? 'This visit cannot be joined',
    text: words?.text(facts) ?? `The server gave ${code} as the reason.`,
    recheckAt: nextLook(answer, words?.isPolled ?? true, now),
  };
}

/** Why `error` shuts the door. A refusal by the state of the session reads like can-join's. */
export function explainError(error: HoldspaceError, now: Date): Refusal {
  const reason = error.details['reason'];
  const code = typeof reason === 'string' ? reason : error.code;
  const words = ERRORS[code] ?? sessionWords(code) ?? { title: 'That did not work', text: `The server said: ${error.message}` };
  return { code, ...words, recheckAt: recheckOf(error, now) };
}

/** Without can-join's answer the times are unknown, so the next look follows at once. */
function sessionWords(code: string): { title: string; text: string } | undefined {
  const words = ANSWERS[code];
  return words && { title: words.title, text: words.text({ from: 'at its time', until: 'its end' }) };
}

function nextLook(answer: CanJoin, isPolled: boolean, now: Date): Date | null {
  const edges = answer.recheckAt ? [Date.parse(answer.recheckAt) + AFTER_EDGE_MS] : [];
  if (!answer.recheckAt && answer.reason === 'TOO_EARLY') {
    edges.push(Date.parse(answer.timeWindow.allowedFrom) + AFTER_EDGE_MS);
  }
  if (isPolled) {
    edges.push(now.getTime() + POLL_SECONDS * 1000);
  }
  const known = edges.filter(Number.isFinite);
  return known.length > 0 ? new Date(Math.max(Math.min(...known), now.getTime() + 1000)) : null;
}

function recheckOf(error: HoldspaceError, now: Date): Date | null {
  if (error.retryAfterSeconds !== null) {
    return new Date(now.getTime() + error.retryAfterSeconds * 1000);
  }
  const isPassing = error.code === NETWORK_UNREACHABLE || error.status >= 500;
  return isPassing ? new Date(now.getTime() + 5000) : null;
}
