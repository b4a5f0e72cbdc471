/** Everything that a visit needs from the server before it goes in: the open door, the booking, the room, the ICE servers. */

import { Emitter } from '../emitter.js';
import { Gate } from '../gate.js';
import type { Refusal } from '../refusal.js';
import type { Rest } from '../rest.js';
import type { IceConfig, Session } from '../wire.js';

export interface PreparationEvents {
  session: Session;
}

/** Credentials that run out sooner than this are fetched anew before they are used. */
const ICE_LEFT_MIN_MS = 60_000;

export class Preparation extends Emitter<PreparationEvents> {
  readonly #rest: Rest;
  readonly #sessionId: string;
  readonly #gate: Gate;
  #session: Session | null = null;
  #roomId: string | null = null;
  #ice: IceConfig | null = null;

  constructor(rest: Rest, sessionId: string) {
    super();
    this.#rest = rest;
    this.#sessionId = sessionId;
    this.#gate = new Gate(rest, sessionId);
  }

  get session(): Session | null {
    return this.#session;
  }

  get roomId(): string | null {
    return this.#roomId;
  }

  /**
   * Resolves once the door is open and all is there; throws what {@link Gate.pass} throws, or a {@link HoldspaceError}.
   * `onShut` is told each refusal that is waited out.
   */
  async pass(onShut: (refusal: Refusal) => void, signal: AbortSignal): Promise<void> {
    // All at once, for a door that is most often open. It says better than these why there is nothing to see.
    const session = this.loadSession(signal).catch(() => undefined);
    const ice = this.#rest.iceConfig(signal, 1).catch(() => null);
    let hasWaited = false;
    await this.#gate.pass((refusal) => {
      hasWaited = true;
      onShut(refusal);
    }, signal);
    await (hasWaited ? this.loadSession(signal) : session);
    this.#ice = await ice;
    await this.configuration();
    this.#roomId = this.#session?.roomId ?? (await this.#rest.generateRoom(this.#sessionId, signal)).roomId;
  }

  /** Asks the door now instead of at the time agreed. */
  nudge(): void {
    this.#gate.nudge();
  }

  async loadSession(signal?: AbortSignal): Promise<void> {
    const session = await this.#rest.session(this.#sessionId, signal);
    this.#session = session;
    this.emit('session', session);
  }

  /** Servers and credentials that work for a while yet. `onRenewed` is told when these are others than before. */
  async configuration(onRenewed?: (configuration: RTCConfiguration) => void): Promise<RTCConfiguration> {
    const known = this.#ice;
    const ice = known && this.#isFresh(known) ? known : await this.#rest.iceConfig();
    const configuration: RTCConfiguration = { iceServers: ice.iceServers, bundlePolicy: 'max-bundle' };
    this.#ice = ice;
    if (ice !== known) {
      onRenewed?.(configuration);
    }
    return configuration;
  }

  #isFresh({ expiresAt }: IceConfig): boolean {
    return !expiresAt || Date.parse(expiresAt) - this.#rest.now().getTime() >= ICE_LEFT_MIN_MS;
  }
}
