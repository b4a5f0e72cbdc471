/** The element in one file, for pages of others: `<script type="module" src="https://…/call/holdspace-call.js">`. */

import { HoldspaceCall } from './element.js';
import { tabStorage } from './link.js';

// The file is served below the server's `/call/`.
HoldspaceCall.defaultServer = new URL('..', import.meta.url).href;
HoldspaceCall.placeStorage = tabStorage();
customElements.define('holdspace-call', HoldspaceCall);

export { HoldspaceCall };
