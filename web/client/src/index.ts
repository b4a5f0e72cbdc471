/** What a program that joins visits may use. */

export { Devices, type DevicesEvents } from './devices.js';
export type { DeviceInfo, DeviceKind, DeviceStatus, DevicesOptions, DevicesState, Loudspeaker, OwnDevice } from './devices/state.js';
export { Emitter } from './emitter.js';
export * from './english.js';
export { type ErrorCode, HoldspaceError, SESSION_REASONS, type SessionReason } from './error.js';
export { type Identity, readIdentity } from './identity.js';
export { meterLevel } from './level.js';
export type { EndCause, VisitState } from './machine.js';
export { MESSAGE_CHARACTERS_MAX, type Message } from './message.js';
export type { NetworkStep, NetworkStepName, NetworkTest, NetworkVerdict } from './network-test.js';
export type { PeerQuality, Verdict, VideoSent } from './quality.js';
export type { CallTimes } from './recorder.js';
export type { Refusal, RefusalCode } from './refusal.js';
export type { Companion, Roster } from './roster.js';
export type { Switches } from './peer/switches.js';
export { type Limits, Visit, type VisitEvents, type VisitOptions } from './visit.js';
export type * from './wire.js';
