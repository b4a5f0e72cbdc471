/**
 * The place in a call that an element keeps for itself while the page around it is loaded anew. It is of use only together
 * with the token, which that page gives again.
 */

export interface Place {
  userId: string;
  resumeToken: string | null;
  microphone: boolean;
  camera: boolean;
}

/** Whoever comes back later than this was not reloading, and is asked at the door. */
const RELOAD_MAX_MS = 60_000;

/** To be called while the page is being left. */
export function keepPlace(storage: Storage, sessionId: string, place: Place, nowMs = Date.now()): void {
  storage.setItem(keyOf(sessionId), JSON.stringify({ ...place, keptAtMs: nowMs }));
}

/** Can be taken once; null when there is none, or it is somebody else's. */
export function takePlace(storage: Storage, sessionId: string, userId: string | null, nowMs = Date.now()): Place | null {
  const text = storage.getItem(keyOf(sessionId));
  storage.removeItem(keyOf(sessionId));
  return text === null ? null : parse(text, userId, nowMs);
}

/** Not the key of the page behind a join link, which may be of the same origin. */
function keyOf(sessionId: string): string {
  return `holdspace:place:${sessionId}`;
}

function parse(text: string, userId: string | null, nowMs: number): Place | null {
  try {
    const value = JSON.parse(text) as Partial<Place & { keptAtMs: number }> | null;
    const ageMs = nowMs - (value?.keptAtMs ?? Number.NaN);
    if (!value || userId === null || value.userId !== userId || !(ageMs >= 0 && ageMs <= RELOAD_MAX_MS)) {
      return null;
    }
    const resumeToken = typeof value.resumeToken === 'string' ? value.resumeToken : null;
    return { userId, resumeToken, microphone: value.microphone !== false, camera: value.camera !== false };
  } catch {
    return null;
  }
}
