/**
 * The safety code of one connection: digits that both sides see alike unless somebody sits between them. Each side promises
 * a random number before it sees the other's, so whoever sits between has one guess (as in ZRTP, RFC 6189 §4.4.1).
 */

import type { ChannelMessage } from './channel-message.js';

export interface Fingerprints {
  own: string;
  other: string;
}

const NUMBER_BYTES = 32;
const CODES = 1_000_000;

export type SafetyResult = { code: string } | { failed: true };

export class Safety {
  readonly #number = crypto.getRandomValues(new Uint8Array(NUMBER_BYTES));
  readonly #send: (message: ChannelMessage) => void;
  readonly #fingerprints: () => Promise<Fingerprints | null>;
  #promise: string | null = null;
  #started: Promise<void> | null = null;
  #isRevealed = false;

  constructor(send: (message: ChannelMessage) => void, fingerprints: () => Promise<Fingerprints | null>) {
    this.#send = send;
    this.#fingerprints = fingerprints;
  }

  /** Hashes exist on secure origins only, as devices do. */
  static get isPossible(): boolean {
    return typeof crypto.subtle === 'object';
  }

  /** Promises, once. */
  start(): Promise<void> {
    this.#started ??= digestOf(this.#number).then((digest) => this.#send({ type: 'commit', digest }));
    return this.#started;
  }

  /**
   * The other side is bound now: one's own number may be seen, but never before one's own promise, which the other side would
   * not take. A second promise is none.
   */
  async onCommit(digest: string): Promise<void> {
    if (this.#promise === null) {
      this.#promise = digest;
      await this.start();
      this.#send({ type: 'reveal', number: toHexadecimal(this.#number) });
    }
  }

  /** Null when it says nothing: out of order, a repetition, or the certificates are not known. */
  async onReveal(number: string): Promise<SafetyResult | null> {
    if (this.#promise === null || this.#isRevealed) {
      return null;
    }
    this.#isRevealed = true;
    const other = fromHexadecimal(number);
    if ((await digestOf(other)) !== this.#promise) {
      return { failed: true };
    }
    const fingerprints = await this.#fingerprints();
    return fingerprints && { code: await safetyCode(fingerprints, this.#number, other) };
  }
}

/** Six digits, `482 917`, out of both certificates and both numbers, in an order that is the same on both sides. */
export async function safetyCode({ own, other }: Fingerprints, ownNumber: Uint8Array, otherNumber: Uint8Array): Promise<string> {
  const sides = [
    { fingerprint: own.toUpperCase(), number: ownNumber },
    { fingerprint: other.toUpperCase(), number: otherNumber },
  ].sort((one, two) => (one.fingerprint < two.fingerprint ? -1 : 1));
  const bytes = sides.flatMap(({ fingerprint, number }) => [...new TextEncoder().encode(fingerprint), ...number]);
  const digest = new DataView(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));
  const digits = String(digest.getUint32(0) % CODES).padStart(6, '0');
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

export async function digestOf(number: Uint8Array): Promise<string> {
  return toHexadecimal(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(number))));
}

export function toHexadecimal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHexadecimal(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
