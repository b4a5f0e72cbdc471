/** Names, and what is said of those who come, go and do something. Pure. */

import type { Companion, Person, Roster, Session } from '@holdspace/client';
import type { Language } from '../language.js';

/** `Ann, Ben and Cleo`; `or` for the first who comes. A name keeps its own direction within a line of the other. */
export function sayNames(names: readonly string[], { locale, direction }: Language, type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  const isolated = direction === 'rtl' ? names.map((name) => `\u2068${name}\u2069`) : names;
  return new Intl.ListFormat(locale, { type }).format(isolated);
}

/** Those who are booked, but oneself. */
export function othersOf(session: Session, ownId: string | null): Person[] {
  return [session.psychologist, session.client, ...session.guests].filter(({ id }) => id !== ownId);
}

export function sayHeading(session: Session | null, ownId: string | null, language: Language): string {
  const { visit, visitWith } = language.words.general;
  const names = session ? othersOf(session, ownId).map(({ name }) => name) : [];
  return names.length > 0 ? visitWith(sayNames(names, language)) : visit;
}

export function sayCaption(companion: Companion, { words }: Language): string {
  return companion.switches?.microphone === false ? words.call.microphoneOff(companion.name) : companion.name;
}

/** What a screen reader hears when people come, go and share. */
export function sayChanges(before: Roster, after: Roster, { words }: Language): string[] {
  const joined = after.filter((one) => !before.some(({ userId }) => userId === one.userId));
  const left = before.filter((one) => !after.some(({ userId }) => userId === one.userId));
  const sharing = after.filter((one) => one.screen && !before.find(({ userId }) => userId === one.userId)?.screen);
  return [
    ...joined.map(({ name }) => words.heard.joined(name)),
    ...left.map(({ name }) => words.heard.left(name)),
    ...sharing.map(({ name }) => words.heard.shares(name)),
  ];
}

/** What stands over somebody's picture; empty when the picture speaks for itself. */
export function sayTile(companion: Companion, hasPicture: boolean, { words }: Language): string {
  if (companion.isReconnecting) {
    return words.call.reconnecting;
  }
  if (companion.switches?.camera === false) {
    return words.call.cameraIsOff;
  }
  if (companion.isCameraPaused) {
    return words.call.pictureTooHeavy;
  }
  return hasPicture ? '' : words.call.connecting;
}

/** The first letters of the first and the last part of a name that are letters. */
export function initialsOf(name: string): string {
  const parts = name.split(/\s+/).filter((part) => /^\p{L}/u.test(part) && !part.endsWith('.'));
  const ends = parts.length > 1 ? [parts[0], parts.at(-1)] : parts;
  return ends.map((part) => [...(part ?? '')][0]?.toUpperCase() ?? '').join('');
}
