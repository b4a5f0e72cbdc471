import { describe, expect, it } from 'vitest';
import { type NetworkStep, type NetworkStepName, testNetwork, verdictOfSteps } from '../src/network-test.js';
import { relayServers, stunServers } from '../src/network-test/servers.js';

const RESULTS = { '+': 'ok', '-': 'failed', '0': 'skipped' } as const;
const NAMES: readonly NetworkStepName[] = ['server', 'direct', 'relay-udp', 'relay-tcp', 'relay-tls'];

/** One sign a step, in the order of the names. */
const steps = (signs: string): NetworkStep[] => NAMES.map((name, index) => ({ name, result: RESULTS[signs[index] as keyof typeof RESULTS], ms: 1 }));

describe('the verdict on a network', () => {
  it.each([
    ['+++++', 'good'],
    ['++--+', 'good'],
    ['+-+++', 'relay-only'],
    ['+---+', 'relay-only'],
    ['++---', 'no-relay'],
    ['++000', 'no-relay'],
    ['+0000', 'no-relay'],
    ['+----', 'blocked'],
    ['+-000', 'blocked'],
    ['-++++', 'no-server'],
    ['-0000', 'no-server'],
  ])('of %s is %s', (signs, verdict) => {
    expect(verdictOfSteps(steps(signs))).toBe(verdict);
  });
});

describe('a test without a server', () => {
  const fails = () => Promise.reject(new Error('no answer'));

  it.each([
    ['nothing', { reach: fails, iceServers: fails }],
    ['the list of relays alone', { reach: () => Promise.resolve(), iceServers: fails }],
  ])('says so where it does not give %s', async (_, means) => {
    const { verdict, steps } = await testNetwork(means);
    expect([verdict, steps.map(({ result }) => result)]).toEqual(['no-server', ['failed', 'skipped', 'skipped', 'skipped', 'skipped']]);
  });
});

describe('servers by how they are reached', () => {
  const servers: RTCIceServer[] = [
    { urls: 'stun:a.example:3478' },
    { urls: ['turn:a.example:3478', 'turn:a.example:3478?transport=tcp'], username: 'u', credential: 'c' },
    { urls: 'turns:a.example:443?transport=tcp', username: 'u', credential: 'c' },
  ];

  it('sorts them', () => {
    expect(stunServers(servers).map(({ urls }) => urls)).toEqual(['stun:a.example:3478']);
    expect(stunServers(servers.slice(1)).map(({ urls }) => urls)).toEqual(['turn:a.example:3478']);
    expect(relayServers(servers, 'udp')).toEqual([{ urls: 'turn:a.example:3478', username: 'u', credential: 'c' }]);
    expect(relayServers(servers, 'tcp').map(({ urls }) => urls)).toEqual(['turn:a.example:3478?transport=tcp']);
    expect(relayServers(servers, 'tls').map(({ urls }) => urls)).toEqual(['turns:a.example:443?transport=tcp']);
  });
});
