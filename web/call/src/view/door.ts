/** The view before the call: with whom and when, and why not yet. */

import { type Place, type Refusal, type Session, type VisitState, sayPeriod, sayWait } from '@holdspace/client';
import { element, setNotice, setText } from './elements.js';

export interface DoorActions {
  join(): void;
  lookAgain(): void;
}

export class Door {
  #refusal: Refusal | null = null;

  constructor(
    actions: DoorActions,
    private readonly now: () => Date,
  ) {
    element('join').addEventListener('click', () => actions.join());
    element('look-again').addEventListener('click', () => actions.lookAgain());
    // Ends with the page.
    setInterval(() => this.#count(), 1000);
  }

  showSession(session: Session, ownId: string | null, ownName: string, place: Place): void {
    const people = [session.psychologist, session.client, ...session.guests].filter(({ id }) => id !== ownId);
    const title = `Your visit with ${list(people.map(({ name }) => name))}`;
    setText(element('door-title'), title);
    setText(element('call-title'), title);
    document.title = title;
    setText(element('door-time'), sayPeriod(new Date(session.sessionDate), session.durationMinutes, this.now(), place));
    setText(element('door-name-text'), ownName);
    element('door-name').hidden = ownName === '';
  }

  showState(state: VisitState): void {
    const refusal = 'refusal' in state ? state.refusal : state.name === 'connecting' ? state.hold : null;
    this.#refusal = refusal;
    element('refusal').hidden = refusal === null;
    setText(element('refusal-title'), refusal?.title ?? '');
    setText(element('refusal-text'), refusal?.text ?? '');
    this.#count();
    const join = element<HTMLButtonElement>('join');
    join.disabled = state.name !== 'ready';
    join.hidden = state.name === 'refused';
    setText(join, JOIN_WORDS[state.name] ?? 'Join');
    element('look-again').hidden = state.name !== 'refused' && state.name !== 'waiting';
  }

  #count(): void {
    const at = this.#refusal?.recheckAt;
    const what = this.#refusal?.code === 'TOO_EARLY' ? 'The door opens' : 'Looking again';
    setNotice(element('refusal-countdown'), at ? `${what} in ${sayWait(at.getTime() - this.now().getTime())}.` : '');
  }
}

const JOIN_WORDS: Partial<Record<VisitState['name'], string>> = {
  idle: 'One moment…',
  checking: 'One moment…',
  connecting: 'Joining…',
};

function list(names: string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
