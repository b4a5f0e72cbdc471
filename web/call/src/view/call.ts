/** The view in the call: time, trouble, controls, and the question before the end. */

import { type CallTimes, type Refusal, type Roster, type Session, type VisitState, sayElapsed } from '@holdspace/client';
import { sayCaption, sayChanges, sayTrouble } from '../words.js';
import { element, setNotice, setText } from './elements.js';
import { Stage } from './stage.js';

export interface CallActions {
  leave(): void;
  end(): void;
}

const PASSING_MS = 10_000;

export class CallView {
  readonly #stage: Stage;
  #state: VisitState = { name: 'idle' };
  #roster: Roster = [];
  #startedAt: Date | null = null;
  #passing: Refusal | null = null;
  #passingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    actions: CallActions,
    private readonly now: () => Date,
  ) {
    const sound = element('sound');
    this.#stage = new Stage(element('stage'), (isSilent) => {
      sound.hidden = !isSilent;
    });
    sound.addEventListener('click', () => this.#stage.playAll());
    element('leave').addEventListener('click', () => actions.leave());
    this.#bindDialog(actions);
    // Ends with the page.
    setInterval(() => this.#tick(), 1000);
  }

  showSession(session: Session, ownId: string | null, isPsychologist: boolean): void {
    element('end').hidden = !isPsychologist;
    const others = [session.psychologist, session.client, ...session.guests].filter(({ id }) => id !== ownId);
    setText(element('alone'), `Waiting for ${others.map(({ name }) => name).join(' or ')}. They see that you are here as soon as they join.`);
  }

  showState(state: VisitState): void {
    this.#state = state;
    if (state.name === 'ended' || state.name === 'refused') {
      element<HTMLDialogElement>('end-dialog').close();
    }
    this.#refresh();
  }

  showRoster(roster: Roster): void {
    const words = this.#state.name === 'in-call' ? sayChanges(this.#roster, roster) : [];
    if (words.length > 0) {
      setText(element('announcer'), words.join(' '));
    }
    this.#roster = roster;
    this.#stage.show(roster);
    this.#refresh();
  }

  showTimes({ startedAt }: CallTimes): void {
    this.#startedAt = startedAt;
    this.#tick();
  }

  showPassing(trouble: Refusal): void {
    this.#passing = trouble;
    clearTimeout(this.#passingTimer);
    this.#passingTimer = setTimeout(() => {
      this.#passing = null;
      this.#refresh();
    }, PASSING_MS);
    this.#refresh();
  }

  addTrack(userId: string, track: MediaStreamTrack): void {
    this.#stage.addTrack(userId, track);
  }

  #refresh(): void {
    setNotice(element('trouble'), sayTrouble(this.#state, this.#roster, this.#passing));
    setText(element('call-name'), this.#roster.map(sayCaption).join(', ') || 'Nobody else is here yet');
    element('alone').hidden = this.#roster.length > 0;
  }

  #tick(): void {
    const elapsed = element('elapsed');
    elapsed.hidden = this.#startedAt === null;
    if (this.#startedAt) {
      setText(elapsed, sayElapsed(this.now().getTime() - this.#startedAt.getTime()));
    }
  }

  #bindDialog(actions: CallActions): void {
    const dialog = element<HTMLDialogElement>('end-dialog');
    element('end').addEventListener('click', () => dialog.showModal());
    element('end-no').addEventListener('click', () => dialog.close());
    element('end-yes').addEventListener('click', () => {
      dialog.close();
      actions.end();
    });
  }
}
