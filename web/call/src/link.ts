/** The join link, `/call/#session=<id>&token=<jwt>`, and what a reload of the tab needs once the token is out of it. */

import type { Handover } from './element.js';

export interface Link {
  sessionId: string;
  /** Null once the address has been cleaned. */
  token: string | null;
}

export function readLink(hash: string): Link | null {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const sessionId = fields.get('session');
  return sessionId ? { sessionId, token: fields.get('token') || null } : null;
}

/** Leaves the session in the address and takes the token out, so that neither history nor a shared screen shows it. */
export function cleanAddress(sessionId: string): void {
  history.replaceState(null, '', `${location.pathname}#session=${encodeURIComponent(sessionId)}`);
}

/**
 * The token lives in memory. Only while a page is being left is it put into the tab's own storage, and the next page
 * of that tab takes it out again: so a reload works, and a copied tab or another page never finds it.
 */
export function handOver(storage: Storage | null, sessionId: string, handover: Handover): void {
  storage?.setItem(keyOf(sessionId), JSON.stringify(handover));
}

export function takeOver(storage: Storage | null, sessionId: string): Handover | null {
  const text = storage?.getItem(keyOf(sessionId)) ?? null;
  storage?.removeItem(keyOf(sessionId));
  return text === null ? null : parse(text);
}

/** The tab's own storage. A browser may give none to the frame of another site: a reload there begins with its link. */
export function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function keyOf(sessionId: string): string {
  return `holdspace:${sessionId}`;
}

function parse(text: string): Handover | null {
  try {
    const value = JSON.parse(text) as Partial<Handover>;
    if (typeof value.token !== 'string') {
      return null;
    }
    return {
      token: value.token,
      resumeToken: typeof value.resumeToken === 'string' ? value.resumeToken : null,
      isInCall: value.isInCall === true,
      microphone: value.microphone !== false,
      camera: value.camera !== false,
    };
  } catch {
    return null;
  }
}
