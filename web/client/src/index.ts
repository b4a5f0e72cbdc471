/** What a program that joins visits may use. */

export { HoldspaceError } from './error.js';
export { type Identity, readIdentity } from './identity.js';
export type { EndCause, VisitState } from './machine.js';
export { type Place, sayElapsed, sayMinutes, sayMoment, sayPeriod, sayWait } from './moment.js';
export type { LocalTracks, MediaKind, Switches } from './peer.js';
export type { CallTimes } from './recorder.js';
export type { Refusal } from './refusal.js';
export { Rest } from './rest.js';
export type { Companion, Roster } from './roster.js';
export { Signaling } from './signaling.js';
export { Visit, type VisitEvents, type VisitOptions } from './visit.js';
export type * from './wire.js';
