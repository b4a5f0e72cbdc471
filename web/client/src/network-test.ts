/** What the network lets through, found out with the real servers before a visit. */

import { gathers, relays } from './network-test/trial.js';
import { relayServers, stunServers } from './network-test/servers.js';

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
 * - `no-server`: the server did not answer, so that nothing could be tried
 */
export type NetworkVerdict = 'good' | 'relay-only' | 'no-relay' | 'blocked' | 'no-server';

export interface NetworkTest {
  verdict: NetworkVerdict;
  steps: readonly NetworkStep[];
}

export interface NetworkTestMeans {
  /** Asks the server anything; rejects when there is no answer. */
  reach: () => Promise<unknown>;
  /** Rejects when the server did not say which there are. */
  iceServers: () => Promise<RTCIceServer[]>;
}

/** The steps run side by side, and each is told as soon as it is known. Never rejects: what fails is a result. */
export async function testNetwork(means: NetworkTestMeans, onStep?: (step: NetworkStep) => void): Promise<NetworkTest> {
  const asked = means.iceServers();
  // Nothing can be tried without them; the step of the server tells why.
  const servers = asked.catch(() => []);
  const trials: Readonly<Record<NetworkStepName, () => Promise<boolean | null>>> = {
    server: () => Promise.all([means.reach(), asked]).then(() => true),
    direct: async () => gathers(stunServers(await servers)),
    'relay-udp': async () => relays(relayServers(await servers, 'udp')),
    'relay-tcp': async () => relays(relayServers(await servers, 'tcp')),
    'relay-tls': async () => relays(relayServers(await servers, 'tls')),
  };
  const steps = await Promise.all(
    STEPS.map(async (name) => {
      const step = await runStep(name, trials[name]);
      onStep?.(step);
      return step;
    }),
  );
  return { verdict: verdictOfSteps(steps), steps };
}

const STEPS: readonly NetworkStepName[] = ['server', 'direct', 'relay-udp', 'relay-tcp', 'relay-tls'];

async function runStep(name: NetworkStepName, trial: () => Promise<boolean | null>): Promise<NetworkStep> {
  const startedAtMs = performance.now();
  const isOk = await trial().catch(() => false);
  return { name, result: isOk === null ? 'skipped' : isOk ? 'ok' : 'failed', ms: Math.round(performance.now() - startedAtMs) };
}

/** A way that this installation does not have counts neither for nor against. */
export function verdictOfSteps(steps: readonly NetworkStep[]): NetworkVerdict {
  const resultOf = (name: NetworkStepName) => steps.find((step) => step.name === name)?.result;
  const isRelayed = (['relay-udp', 'relay-tcp', 'relay-tls'] as const).some((name) => resultOf(name) === 'ok');
  if (resultOf('server') === 'failed') {
    return 'no-server';
  }
  if (resultOf('direct') !== 'failed') {
    return isRelayed ? 'good' : 'no-relay';
  }
  return isRelayed ? 'relay-only' : 'blocked';
}
