/** The page behind a join link: the element at full size, the link that it was opened by, and what a reload needs. */

import { fetchConfig, themeOf, variablesOf } from './config.js';
import { HoldspaceCall } from './element.js';
import { joinParent } from './frame.js';
import { cleanAddress, handOver, readLink, tabStorage, takeOver } from './link.js';

customElements.define('holdspace-call', HoldspaceCall);

const link = readLink(location.hash);
const sessionId = link?.sessionId ?? '';
const handover = link && takeOver(tabStorage(), sessionId);
if (link) {
  cleanAddress(sessionId);
}
const element = document.createElement('holdspace-call') as HoldspaceCall;
const page = document.documentElement;

element.addEventListener('holdspace-state', (event) => (page.dataset['state'] = (event as CustomEvent<{ state: string }>).detail.state));
element.addEventListener('holdspace-heading', (event) => (document.title = (event as CustomEvent<{ text: string }>).detail.text));
element.addEventListener('holdspace-language', (event) => {
  const { code, direction } = (event as CustomEvent<{ code: string; direction: string }>).detail;
  page.lang = code;
  page.dir = direction;
});
addEventListener('pagehide', () => {
  const { handover } = element;
  if (link && handover) {
    handOver(tabStorage(), sessionId, handover);
  }
});
// A page that comes back from the browser's cache still holds its token in memory.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) {
    takeOver(tabStorage(), sessionId);
  }
});
// Another link opened in this tab changes only the fragment, and is a new visit.
addEventListener('hashchange', () => location.reload());

void start();

async function start(): Promise<void> {
  const config = await fetchConfig(new URL('config.json', location.href).href);
  variablesOf(config.colours).forEach(([name, value]) => page.style.setProperty(name, value));
  const theme = themeOf(config.colours);
  if (theme) {
    element.setAttribute('theme', theme);
  }
  element.branding = config.branding;
  element.handedOver = link?.token ? null : handover;
  element.toggleAttribute('rating', joinParent(element, config.frameAncestors));
  element.setAttribute('server', config.apiUrl);
  element.setAttribute('session', sessionId);
  element.setAttribute('token', link?.token ?? handover?.token ?? '');
  document.querySelector('main')?.append(element);
}
