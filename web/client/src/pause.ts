/** Waiting that can be called off. */

/** Browsers keep a timer's delay in 31 bits. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** Resolves after `delayMs`; rejects with the signal's reason when that aborts first. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(finish, Math.min(Math.max(delayMs, 0), DELAY_MAX_MS));
    signal?.addEventListener('abort', abort, { once: true });

    function finish(): void {
      signal?.removeEventListener('abort', abort);
      resolve();
    }

    function abort(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
  });
}
