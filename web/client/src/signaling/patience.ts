/** How long to wait for the server: as short as the path allows, so that a dead connection does not hold a visit up. */

/** What the first try sends may be lost while a network is only just there, and is said again by itself after a second. */
const OPEN_FIRST_MS = 500;
const CONNECT_MIN_MS = 2_000;
const CONNECT_MAX_MS = 10_000;
/** Every so many tries one is given more time, for a path that has become slow. */
const LONG_TRY = 4;
const LONG_TRY_MS = 5_000;
const ANSWER_MIN_MS = 1_000;
const ANSWER_MAX_MS = 3_000;
/** How much longer than usual something may take before it counts as lost. */
const SLACK = 4;

/** A lost place is kept for 10 s, so the first tries follow each other closely. After about a minute the server is spared. */
const DELAY_FIRST_MS = 100;
const DELAY_EAGER_MAX_MS = 1_000;
const EAGER_TRIES = 40;
const DELAY_MAX_MS = 5_000;

export class Patience {
  #connectMs: number | null = null;
  #answerMs: number | null = null;

  /** For the acknowledgement of a signal. */
  get answerMs(): number {
    return waitMs(this.#answerMs, ANSWER_MIN_MS, ANSWER_MAX_MS);
  }

  learnAnswer(milliseconds: number): void {
    this.#answerMs = milliseconds;
  }

  learnConnect(milliseconds: number): void {
    this.#connectMs = milliseconds;
  }

  /** Until there is a connection at all, for try number `attempt`, counted from 1 since the last one: each gives it more. */
  openMs(attempt: number): number {
    const first = waitMs(this.#connectMs, OPEN_FIRST_MS, CONNECT_MAX_MS);
    return Math.min(first * 2 ** (attempt - 1), this.connectMs(attempt));
  }

  /** Until the server has let one in, or has said that it does not. */
  connectMs(attempt: number): number {
    const usual = waitMs(this.#connectMs, CONNECT_MIN_MS, CONNECT_MAX_MS);
    return attempt % LONG_TRY === 0 ? Math.max(LONG_TRY_MS, usual) : usual;
  }
}

/** Before the next try after `tries` failed ones. `chance` is in [0, 1) and spreads those who lost the server together. */
export function reconnectDelayMs(tries: number, chance: number): number {
  const max = tries > EAGER_TRIES ? DELAY_MAX_MS : DELAY_EAGER_MAX_MS;
  return Math.min(DELAY_FIRST_MS * 2 ** tries, max) * (0.5 + chance);
}

function waitMs(usualMs: number | null, minMs: number, maxMs: number): number {
  return usualMs === null ? maxMs : Math.min(Math.max(usualMs * SLACK, minMs), maxMs);
}
