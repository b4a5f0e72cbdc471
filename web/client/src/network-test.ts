/** What the network lets through, found out with the real servers before a visit. */

export type NetworkStepName = 'server' | 'direct' | 'relay-udp' | 'relay-tcp' | 'relay-tls';

export interface NetworkStep {
  name: NetworkStepName;
  /** `skipped`: this installation has no such way. */
  result: 'ok' | 'failed' | 'skipped';
  ms: number;
}

/**
 * - `good`: straight to the others, and through the relay should that fail
 * - `relay-only`: not straight, but through the relay, which serves as well
 * - `no-relay`: straight only (there is no relay, or it cannot be reached): fine with most people
 * - `blocked`: media cannot get through
 */
export type NetworkVerdict = 'good' | 'relay-only' | 'no-relay' | 'blocked';

export interface NetworkTest {
  verdict: NetworkVerdict;
  steps: readonly NetworkStep[];
}
