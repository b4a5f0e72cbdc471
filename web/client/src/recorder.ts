/** The record of the call: says start once media flows and end when asked, and knows both times. */

import { Emitter } from './emitter.js';
import { HoldspaceError } from './error.js';
import type { Rest } from './rest.js';
import type { CallEnded, CallStarted, Session } from './wire.js';

export interface CallTimes {
  startedAt: Date | null;
  endedAt: Date | null;
  /** Whole minutes, as recorded. */
  minutes: number | null;
}

export interface RecorderEvents {
  times: CallTimes;
  /** The start could not be written down. */
  failed: HoldspaceError;
}

/** Whoever was there first leaves the start to the newcomer for this long, which saves a request. */
const YIELD_MS = 1_500;

export class Recorder extends Emitter<RecorderEvents> {
  readonly #rest: Rest;
  readonly #sessionId: string;
  #times: CallTimes = { startedAt: null, endedAt: null, minutes: null };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStarting = false;

  constructor(rest: Rest, sessionId: string) {
    super();
    this.#rest = rest;
    this.#sessionId = sessionId;
  }

  get times(): CallTimes {
    return this.#times;
  }

  learn(session: Session): void {
    this.#set({
      startedAt: dateOf(session.videoCallStarted),
      endedAt: dateOf(session.videoCallEnded),
      minutes: session.callDuration,
    });
  }

  onStarted({ startTime }: CallStarted): void {
    this.#set({ ...this.#times, startedAt: dateOf(startTime) });
  }

  onEnded({ endTime, duration }: CallEnded): void {
    this.#set({ ...this.#times, endedAt: dateOf(endTime), minutes: duration });
  }

  /** Media flows: the call has begun, if nobody has said so before. */
  mediaFlows(isNewcomer: boolean): void {
    if (this.#times.startedAt !== null || this.#isStarting) {
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#start(), isNewcomer ? 0 : YIELD_MS);
  }

  /** Throws when the call could not be ended; a call that has ended already is no failure. */
  async end(): Promise<void> {
    this.stop();
    try {
      const { session } = await this.#rest.end(this.#sessionId);
      this.#set({ startedAt: dateOf(session.videoCallStarted), endedAt: dateOf(session.videoCallEnded), minutes: session.callDuration ?? null });
    } catch (cause) {
      const error = HoldspaceError.from(cause);
      if (error.code !== 'CALL_ALREADY_ENDED') {
        throw error;
      }
      this.#set({
        startedAt: dateOf(error.details['videoCallStarted']),
        endedAt: dateOf(error.details['videoCallEnded']),
        minutes: Number(error.details['duration'] ?? 0),
      });
    }
  }

  /** Nothing more is said by itself. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  async #start(): Promise<void> {
    if (this.#times.startedAt !== null || this.#isStarting) {
      return;
    }
    this.#isStarting = true;
    try {
      const { session } = await this.#rest.start(this.#sessionId);
      this.#set({ ...this.#times, startedAt: dateOf(session.videoCallStarted) });
    } catch (cause) {
      this.#onStartFailed(HoldspaceError.from(cause));
    } finally {
      this.#isStarting = false;
    }
  }

  #onStartFailed(error: HoldspaceError): void {
    if (error.code === 'CALL_ALREADY_STARTED') {
      this.#set({ ...this.#times, startedAt: dateOf(error.details['videoCallStarted']) });
    } else {
      this.emit('failed', error);
    }
  }

  #set(times: CallTimes): void {
    if (times.startedAt !== null) {
      clearTimeout(this.#timer);
    }
    this.#times = times;
    this.emit('times', times);
  }
}

function dateOf(value: unknown): Date | null {
  return typeof value === 'string' && Number.isFinite(Date.parse(value)) ? new Date(value) : null;
}
