/** What a visit is made with, and what it tells. */

import type { Devices } from '../devices.js';
import type { DevicesState } from '../devices/state.js';
import type { VisitState } from '../machine.js';
import type { Message } from '../message.js';
import type { Verdict } from '../quality.js';
import type { CallTimes } from '../recorder.js';
import type { Refusal } from '../refusal.js';
import type { RequestsLeft } from '../rest.js';
import type { Roster } from '../roster.js';
import type { Session } from '../wire.js';

export interface VisitOptions {
  /** Where the server is: `https://visits.example.org/`, with a path where it is behind one. */
  baseUrl: string;
  sessionId: string;
  /** A JWT that names the person; see the protocol's table of claims. */
  token: string;
  /** `Visit.resumeToken` of the place held before a reload. */
  resumeToken?: string | null;
  /** One's own devices, where the page has them already; else the visit makes some. Closed by whoever made them. */
  devices?: Devices;
  /**
   * Asked for a new token when the present one is refused. Without it a call goes on as long as its media does, and a way
   * back to the server that needs the token is shown as trouble.
   */
  renewToken?: () => Promise<string>;
}

/** `requestsLeft`: those that the server still answers until `requestsResetAt`; null until it has said so. */
export interface Limits extends RequestsLeft {
  /** Of a text that `Visit.say` takes. */
  messageCharactersMax: number;
}

export interface VisitEvents {
  state: VisitState;
  session: Session;
  roster: Roster;
  times: CallTimes;
  devices: DevicesState;
  /** Somebody has said something, or a message of one's own has reached everybody. */
  message: Message;
  /** What one shares oneself; null when that has ended, also when the browser's own button ended it. */
  screen: MediaStream | null;
  /** The worst of the companions' verdicts. */
  quality: Verdict | null;
  /** Something went wrong that does not change the state. */
  trouble: Refusal;
}
