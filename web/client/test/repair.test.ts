import { describe, expect, it } from 'vitest';
import { ASK, type RepairFacts, isAsk, repairStep } from '../src/peer/repair.js';

const NOW_MS = 100_000;
const broken: RepairFacts = {
  isBroken: true,
  brokenSinceMs: NOW_MS,
  triedAtMs: null,
  isPolite: false,
  isOurs: true,
  isOffering: false,
  canSignal: true,
};

describe('repairStep', () => {
  it.each<[string, Partial<RepairFacts>, ReturnType<typeof repairStep>]>([
    ['the impolite one restarts', {}, 'restart'],
    ['the polite one asks for it', { isPolite: true }, 'ask'],
    ['an offer that waits is said again', { isOffering: true }, 'say-again'],
    ['nothing is done while signals do not get through', { canSignal: false }, null],
    ['nothing is done to what works', { isBroken: false }, null],
    ['a restart is given time', { triedAtMs: NOW_MS - 3_000 }, null],
    ['and made again', { triedAtMs: NOW_MS - 4_000 }, 'restart'],
    ['another client is left time to do it', { isPolite: true, isOurs: false }, null],
    ['but not for ever', { isPolite: true, isOurs: false, brokenSinceMs: NOW_MS - 12_000 }, 'restart'],
    ['the impolite one does not wait for another client', { isOurs: false }, 'restart'],
  ])('%s', (_, change, step) => {
    expect(repairStep({ ...broken, ...change }, NOW_MS)).toBe(step);
  });

  it('knows its question among candidates', () => {
    expect(isAsk(JSON.parse(JSON.stringify(ASK)))).toBe(true);
    expect(isAsk(null)).toBe(false);
    expect(isAsk({ candidate: '', usernameFragment: 'x' })).toBe(false);
  });
});
