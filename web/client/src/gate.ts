/** The door of a visit: asks can-join, says why not, and asks again when the answer can have changed. */

import { HoldspaceError } from './error.js';
import { pause } from './pause.js';
import { type Refusal, refusalOfAnswer, refusalOfError } from './refusal.js';
import type { Rest } from './rest.js';
import type { CanJoin } from './wire.js';

/** The door is shut, and time alone will not open it. */
export class Shut extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

export class Gate {
  #nudge = new AbortController();

  constructor(
    private readonly rest: Rest,
    private readonly sessionId: string,
  ) {}

  /**
   * Resolves once the door is open; throws {@link Shut} when nothing but a person can open it.
   * `onShut` is told each refusal that is waited out.
   */
  async pass(onShut: (refusal: Refusal) => void, signal: AbortSignal): Promise<CanJoin> {
    for (;;) {
      const answer = await this.#ask(signal);
      if ('canJoin' in answer) {
        return answer;
      }
      if (answer.recheckAt === null) {
        throw new Shut(answer);
      }
      onShut(answer);
      await this.#wait(answer.recheckAt, signal);
    }
  }

  /** Asks again now instead of at the time agreed. */
  nudge(): void {
    this.#nudge.abort();
  }

  async #ask(signal: AbortSignal): Promise<CanJoin | Refusal> {
    try {
      const answer = await this.rest.canJoin(this.sessionId, signal);
      return refusalOfAnswer(answer, this.rest.now()) ?? answer;
    } catch (cause) {
      signal.throwIfAborted();
      return refusalOfError(HoldspaceError.from(cause), this.rest.now());
    }
  }

  async #wait(until: Date, signal: AbortSignal): Promise<void> {
    this.#nudge = new AbortController();
    const wake = AbortSignal.any([signal, this.#nudge.signal]);
    try {
      // A long pause is cut short by the browser's timer limit; asking once more then does no harm.
      await pause(until.getTime() - this.rest.now().getTime(), wake);
    } catch {
      signal.throwIfAborted();
    }
  }
}
