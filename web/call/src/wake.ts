/** Keeps the screen awake during a call: a phone that falls asleep takes the camera with it. */

export class Wakefulness {
  #lock: WakeLockSentinel | null = null;
  readonly #ending = new AbortController();
  #isWanted = false;

  constructor() {
    // The browser lets go of the lock with every page that is not seen.
    document.addEventListener('visibilitychange', () => void this.#take(), { signal: this.#ending.signal });
  }

  set(isWanted: boolean): void {
    this.#isWanted = isWanted;
    if (isWanted) {
      void this.#take();
    } else {
      void this.#lock?.release().catch(() => undefined);
      this.#lock = null;
    }
  }

  stop(): void {
    this.set(false);
    this.#ending.abort();
  }

  /** Where the browser cannot or may not, the screen sleeps as it always does. */
  async #take(): Promise<void> {
    if (this.#isWanted && document.visibilityState === 'visible' && (this.#lock === null || this.#lock.released)) {
      const lock = await navigator.wakeLock?.request('screen').catch(() => null);
      this.#lock = lock ?? null;
      if (!this.#isWanted) {
        this.set(false);
      }
    }
  }
}
