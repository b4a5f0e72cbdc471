/** What the file for a script tag offers as `Holdspace`: everything but the English words, which are a file of their own. */

export { Devices } from './devices.js';
export { HoldspaceError } from './error.js';
export { readIdentity } from './identity.js';
export { meterLevel } from './level.js';
export { MESSAGE_CHARACTERS_MAX } from './message.js';
export { Visit } from './visit.js';
