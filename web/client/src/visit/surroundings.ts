/** What a browser tells early of its network and its sleep, so that nobody has to wait for a timeout to notice. */

import { Emitter } from '../emitter.js';

export interface SurroundingsEvents {
  /** The network is another one, or is back; or the machine or the page has slept. What was connected may not be. */
  changed: void;
}

const TICK_MS = 1_000;
/** A clock that jumps this far ahead between two ticks has slept. Timers of pages in the background are late by less. */
const JUMP_MS = 5_000;

export class Surroundings extends Emitter<SurroundingsEvents> {
  #watching: AbortController | null = null;

  start(): void {
    if (this.#watching) {
      return;
    }
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const changed = () => this.emit('changed', undefined);
    for (const name of ['online', 'offline', 'pageshow']) {
      addEventListener(name, changed, { signal });
    }
    document.addEventListener('resume', changed, { signal });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && changed(), { signal });
    // Chromium alone has it; it changes with the kind of network.
    (navigator as { connection?: EventTarget }).connection?.addEventListener('change', changed, { signal });
    this.#watchClock(changed, signal);
  }

  stop(): void {
    this.#watching?.abort();
    this.#watching = null;
  }

  #watchClock(changed: () => void, signal: AbortSignal): void {
    let lastMs = Date.now();
    const timer = setInterval(() => {
      const nowMs = Date.now();
      if (nowMs - lastMs > JUMP_MS) {
        changed();
      }
      lastMs = nowMs;
    }, TICK_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
  }
}
