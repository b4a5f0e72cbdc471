/**
 * The page in a frame: what it tells the page around it, and what that one may ask of it. Only origins that the server's
 * configuration names are told and heard. The messages are described in docs/embed.md.
 */

import type { HoldspaceCall } from './element.js';
import { LANGUAGES } from './language.js';

const EVENTS = ['state', 'people', 'ended', 'rated', 'language', 'heading'] as const;
/** A parent that does not answer must not hold up a call for ever. */
const TOKEN_MS = 10_000;

/** Whether the page is framed by one of `origins`, as far as a page can know. */
export function joinParent(element: HoldspaceCall, origins: readonly string[]): boolean {
  if (window.parent === window || origins.length === 0) {
    return false;
  }
  for (const name of EVENTS) {
    element.addEventListener(`holdspace-${name}`, (event) => tell(name, (event as CustomEvent<object>).detail));
  }
  addEventListener('message', (event) => {
    if (event.source === window.parent && origins.includes(event.origin)) {
      obey(element, event.data);
    }
  });
  element.renewToken = () => {
    const token = nextToken(origins);
    tell('token-needed', {});
    return token;
  };
  return true;

  /** The browser delivers it only where the parent is of that origin. */
  function tell(type: string, detail: object): void {
    origins.forEach((origin) => window.parent.postMessage({ ...detail, type: `holdspace-${type}` }, origin));
  }
}

function obey(element: HoldspaceCall, data: unknown): void {
  const message = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  switch (message['type']) {
    case 'holdspace-join':
      void element.visit?.join();
      break;
    case 'holdspace-leave':
      element.visit?.leave();
      break;
    case 'holdspace-set-microphone':
      void element.visit?.devices.setMicrophone(message['isOn'] === true);
      break;
    case 'holdspace-set-camera':
      void element.visit?.devices.setCamera(message['isOn'] === true);
      break;
    case 'holdspace-set-language': {
      const code = LANGUAGES.find((one) => one === message['code']);
      if (code) {
        void element.setLanguage(code);
      }
      break;
    }
  }
}

function nextToken(origins: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    const timer = setTimeout(() => finish(() => reject(new Error('The page around gave no token.'))), TOKEN_MS);
    addEventListener(
      'message',
      ({ source, origin, data }) => {
        if (source === window.parent && origins.includes(origin) && data?.type === 'holdspace-token' && typeof data.token === 'string') {
          finish(() => resolve(data.token));
        }
      },
      { signal: ending.signal },
    );

    function finish(settle: () => void): void {
      clearTimeout(timer);
      ending.abort();
      settle();
    }
  });
}
