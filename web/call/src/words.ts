/** What the page says during and after the call. Pure. */

import { type CallTimes, type Companion, type EndCause, type Refusal, type Roster, type VisitState, sayMinutes, sayMoment, type Place } from '@holdspace/client';

/** What a screen reader hears when people come and go. */
export function sayChanges(before: Roster, after: Roster): string[] {
  const joined = after.filter((one) => !before.some(({ userId }) => userId === one.userId));
  const left = before.filter((one) => !after.some(({ userId }) => userId === one.userId));
  return [...joined.map(({ name }) => `${name} has joined.`), ...left.map(({ name }) => `${name} has left.`)];
}

/** The most important trouble of the moment, or empty. */
export function sayTrouble(state: VisitState, roster: Roster, passing: Refusal | null): string {
  if (state.name === 'recovering') {
    return state.hold ? `${state.hold.title}. ${state.hold.text}` : 'The connection to the server is lost. Reconnecting…';
  }
  const away = roster.find(({ isReconnecting }) => isReconnecting);
  if (away) {
    return `${away.name} is reconnecting…`;
  }
  const interrupted = roster.find(({ connection }) => connection === 'disconnected' || connection === 'failed');
  if (interrupted) {
    return `The connection to ${interrupted.name} is interrupted. Repairing it…`;
  }
  return passing ? `${passing.title}. ${passing.text}` : '';
}

/** What stands over somebody's picture; empty when the picture speaks for itself. */
export function sayTile(companion: Companion, hasPicture: boolean): string {
  if (companion.isReconnecting) {
    return 'Reconnecting…';
  }
  if (companion.switches?.camera === false) {
    return 'Camera is off';
  }
  return hasPicture ? '' : 'Connecting…';
}

export function sayCaption(companion: Companion): string {
  return companion.switches?.microphone === false ? `${companion.name} (microphone off)` : companion.name;
}

export interface Outcome {
  title: string;
  text: string;
  record: string;
  canRejoin: boolean;
}

const OUTCOMES: Readonly<Record<EndCause, Omit<Outcome, 'record'>>> = {
  left: { title: 'You hung up', text: 'The visit goes on without you. You can come back as long as it lasts.', canRejoin: true },
  completed: { title: 'The visit has ended', text: 'You can close this page.', canRejoin: false },
  replaced: { title: 'The visit goes on elsewhere', text: 'You joined it in another tab or on another device.', canRejoin: true },
  cancelled: { title: 'This visit was cancelled', text: 'You can close this page.', canRejoin: false },
  declined: { title: 'This visit was declined', text: 'You can close this page.', canRejoin: false },
  removed: { title: 'You are no longer in this visit', text: 'The server took you out of the room.', canRejoin: true },
};

export function sayOutcome(cause: EndCause, times: CallTimes, place: Place): Outcome {
  return { ...OUTCOMES[cause], record: cause === 'completed' ? sayRecord(times, place) : '' };
}

function sayRecord({ startedAt, endedAt, minutes }: CallTimes, place: Place): string {
  if (startedAt === null || endedAt === null || minutes === null) {
    return '';
  }
  return `Recorded: ${sayMoment(startedAt, endedAt, place)} to ${sayMoment(endedAt, endedAt, place)}, ${sayMinutes(minutes)}`;
}
