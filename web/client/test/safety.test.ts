import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../src/peer/certificate.js';
import type { ChannelMessage } from '../src/peer/channel-message.js';
import { type Fingerprints, Safety, type SafetyResult, digestOf, safetyCode, toHexadecimal } from '../src/peer/safety.js';

const ANN = 'AA:01';
const BEN = 'BB:02';
const MALLORY = 'CC:03';

/** Two sides whose messages pass through `between`, until nothing is under way. */
async function meet(ann: Fingerprints, ben: Fingerprints, between = (message: ChannelMessage): ChannelMessage => message) {
  const results: Record<'ann' | 'ben', SafetyResult | null> = { ann: null, ben: null };
  const queue: { to: 'ann' | 'ben'; message: ChannelMessage }[] = [];
  const sides = {
    ann: new Safety((message) => queue.push({ to: 'ben', message: between(message) }), () => Promise.resolve(ann)),
    ben: new Safety((message) => queue.push({ to: 'ann', message: between(message) }), () => Promise.resolve(ben)),
  };
  await Promise.all([sides.ann.start(), sides.ben.start()]);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { to, message } = next;
    if (message.type === 'commit') {
      await sides[to].onCommit(message.digest);
    } else if (message.type === 'reveal') {
      results[to] = (await sides[to].onReveal(message.number)) ?? results[to];
    }
  }
  return results;
}

describe('the safety code', () => {
  it('is the same on both sides, and another each time', async () => {
    const first = await meet({ own: ANN, other: BEN }, { own: BEN, other: ANN });
    const second = await meet({ own: ANN, other: BEN }, { own: BEN, other: ANN });
    expect(first.ann).toEqual({ code: expect.stringMatching(/^\d{3} \d{3}$/) });
    expect(first.ann).toEqual(first.ben);
    expect(second.ann).not.toEqual(first.ann);
  });

  it('differs when somebody with a certificate of his own sits between', async () => {
    const { ann, ben } = await meet({ own: ANN, other: MALLORY }, { own: BEN, other: MALLORY });
    expect(ann).not.toEqual(ben);
  });

  it('fails when a number is not the one that was promised', async () => {
    const { ann, ben } = await meet({ own: ANN, other: BEN }, { own: BEN, other: ANN }, (message) =>
      message.type === 'reveal' ? { type: 'reveal', number: '00'.repeat(32) } : message,
    );
    expect([ann, ben]).toEqual([{ failed: true }, { failed: true }]);
  });

  it('promises before it reveals, even where the other side was faster', async () => {
    const sent: ChannelMessage[] = [];
    const safety = new Safety((message) => sent.push(message), () => Promise.resolve({ own: ANN, other: BEN }));
    const started = safety.start();
    const taken = safety.onCommit(await digestOf(new Uint8Array(32)));
    await Promise.all([started, taken]);
    expect(sent.map(({ type }) => type)).toEqual(['commit', 'reveal']);
  });

  it('reveals nothing before the other side is bound, and then once', async () => {
    const sent: ChannelMessage[] = [];
    const safety = new Safety((message) => sent.push(message), () => Promise.resolve({ own: ANN, other: BEN }));
    await safety.start();
    expect(await safety.onReveal('11'.repeat(32))).toBeNull();
    expect(sent.map(({ type }) => type)).toEqual(['commit']);
    await safety.onCommit(await digestOf(new Uint8Array(32)));
    await safety.onCommit('ff'.repeat(32));
    expect(sent.map(({ type }) => type)).toEqual(['commit', 'reveal']);
    expect(await safety.onReveal('00'.repeat(32))).toHaveProperty('code');
    expect(await safety.onReveal('00'.repeat(32))).toBeNull();
  });

  it('depends on every certificate and number, and not on who is who', async () => {
    const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const code = await safetyCode({ own: ANN, other: BEN }, one, two);
    expect(await safetyCode({ own: BEN, other: ANN }, two, one)).toBe(code);
    expect(await safetyCode({ own: ANN.toLowerCase(), other: BEN }, one, two)).toBe(code);
    expect(await safetyCode({ own: ANN, other: BEN }, two, one)).not.toBe(code);
    expect(await safetyCode({ own: ANN, other: MALLORY }, one, two)).not.toBe(code);
  });

  it('writes bytes as digits', () => {
    expect(toHexadecimal(new Uint8Array([0, 15, 255]))).toBe('000fff');
  });
});

describe('fingerprintOf', () => {
  it('reads algorithm and value in one spelling', () => {
    expect(fingerprintOf('v=0\r\na=fingerprint:sha-256 ab:CD:01\r\na=setup:actpass\r\n')).toEqual({ algorithm: 'SHA-256', value: 'AB:CD:01' });
    expect(fingerprintOf('v=0\r\n')).toBeNull();
  });
});
