import { describe, expect, it } from 'vitest';
import { type Report, type Sample, readSample } from '../src/peer/sample.js';
import { qualityOf, verdictOf, worstOf } from '../src/quality.js';

const chromium = (change: Record<string, unknown> = {}): Report =>
  new Map<string, Record<string, unknown>>([
    ['T', { type: 'transport', selectedCandidatePairId: 'P' }],
    ['other', { type: 'candidate-pair', nominated: true, state: 'succeeded', bytesSent: 1 }],
    [
      'P',
      {
        type: 'candidate-pair',
        localCandidateId: 'L',
        remoteCandidateId: 'R',
        bytesSent: 250_000,
        bytesReceived: 500_000,
        currentRoundTripTime: 0.045,
        availableOutgoingBitrate: 1_200_000,
        ...change,
      },
    ],
    ['L', { type: 'local-candidate', candidateType: 'host', protocol: 'udp' }],
    ['R', { type: 'remote-candidate', candidateType: 'srflx', protocol: 'udp' }],
    ['A', { type: 'inbound-rtp', kind: 'audio', packetsReceived: 100, packetsLost: 2, jitter: 0.012, audioLevel: 0.4 }],
    ['V', { type: 'inbound-rtp', kind: 'video', packetsReceived: 300, packetsLost: 6, jitter: 0.1 }],
    ['RA', { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.01, roundTripTime: 0.05 }],
    ['RV', { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.03, roundTripTime: 0.06 }],
  ]);

const sample = (change: Partial<Sample> = {}): Sample => ({ ...(readSample(chromium(), 1_000) as Sample), ...change });

describe('readSample', () => {
  it('reads what Chromium tells', () => {
    expect(readSample(chromium(), 1_000)).toEqual({
      atMs: 1_000,
      roundTripMs: 45,
      sentBytes: 250_000,
      receivedBytes: 500_000,
      packetsReceived: 400,
      packetsLost: 8,
      sentLoss: 0.03,
      jitterMs: 12,
      availableKbps: 1_200,
      path: 'direct',
      protocol: 'udp',
      audioLevel: 0.4,
    });
  });

  it('forgets what was reported of a picture that is no longer sent', () => {
    const report = new Map(chromium({ timestamp: 20_000 }));
    report.set('RV', { ...report.get('RV'), timestamp: 14_000 });
    report.set('RA', { ...report.get('RA'), timestamp: 19_000 });
    expect(readSample(report, 0)?.sentLoss).toBe(0.01);
  });

  it("reads what Firefox tells: no transport, no round trip of the pair's own, no bitrate", () => {
    const report: Report = new Map<string, Record<string, unknown>>([
      ['P', { type: 'candidate-pair', selected: true, localCandidateId: 'L', remoteCandidateId: 'R', bytesSent: 10, bytesReceived: 20 }],
      ['L', { type: 'local-candidate', candidateType: 'relay', relayProtocol: 'tls', protocol: 'udp' }],
      ['R', { type: 'remote-candidate', candidateType: 'host' }],
      ['RA', { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.08 }],
    ]);
    expect(readSample(report, 0)).toMatchObject({ roundTripMs: 80, availableKbps: null, path: 'relayed', protocol: 'tls', sentLoss: 0 });
  });

  it('is nothing before a path is chosen', () => {
    expect(readSample(new Map(), 0)).toBeNull();
  });

  it("is relayed by the other side's relay as well, which is reached by one's own protocol", () => {
    const report = new Map(chromium());
    report.set('R', { type: 'remote-candidate', candidateType: 'relay', protocol: 'udp' });
    expect(readSample(report, 0)).toMatchObject({ path: 'relayed', protocol: 'udp' });
  });
});

describe('qualityOf', () => {
  it('says what happened in between', () => {
    const after = sample({ atMs: 3_000, sentBytes: 500_000, receivedBytes: 625_000, packetsReceived: 590, packetsLost: 18 });
    expect(qualityOf(sample(), after, 'full')).toEqual({
      verdict: 'fair',
      roundTripMs: 45,
      lossPercent: 5,
      jitterMs: 12,
      sentKbps: 1_000,
      receivedKbps: 500,
      path: 'direct',
      protocol: 'udp',
      videoSent: 'full',
      audioLevel: 0.4,
    });
  });

  it('takes the loss of the worse direction, and none from a handful of packets', () => {
    expect(qualityOf(sample(), sample({ atMs: 3_000, packetsReceived: 500, sentLoss: 0.12 }), 'full')?.lossPercent).toBe(12);
    expect(qualityOf(sample(), sample({ atMs: 3_000, packetsReceived: 402, packetsLost: 9, sentLoss: 0 }), 'full')?.lossPercent).toBe(0);
  });

  it('says nothing across two connections, or of no time', () => {
    expect(qualityOf(sample(), sample({ atMs: 3_000, receivedBytes: 10 }), 'full')).toBeNull();
    expect(qualityOf(sample(), sample(), 'full')).toBeNull();
  });
});

describe('the verdict', () => {
  const fine = { roundTripMs: 60, lossPercent: 0.5, jitterMs: 5 };

  it.each([
    [fine, 'full', 'good'],
    [fine, 'off', 'good'],
    [fine, 'small', 'fair'],
    [fine, 'paused', 'poor'],
    [{ ...fine, lossPercent: 5 }, 'full', 'fair'],
    [{ ...fine, lossPercent: 15 }, 'full', 'poor'],
    [{ ...fine, roundTripMs: 400 }, 'full', 'fair'],
    [{ ...fine, roundTripMs: 900 }, 'full', 'poor'],
    [{ ...fine, jitterMs: 60 }, 'full', 'fair'],
    [{ ...fine, jitterMs: 200 }, 'full', 'poor'],
  ] as const)('of %j, sent %s, is %s', (measures, videoSent, verdict) => {
    expect(verdictOf(measures, videoSent)).toBe(verdict);
  });

  it('of several is the worst', () => {
    expect(worstOf(['good', 'poor', 'fair'])).toBe('poor');
    expect(worstOf(['good', 'good'])).toBe('good');
    expect(worstOf([])).toBeNull();
  });
});
