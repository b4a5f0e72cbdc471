/** How good the way of the media is, in numbers and in words. Pure. */

import type { Sample } from './peer/sample.js';

export type Verdict = 'good' | 'fair' | 'poor';

/**
 * What is sent of one's own camera: at most as large as the room and the path allow (`full`), smaller (`small`), not at
 * all so that the sound gets through (`paused`), or nothing because it is switched off (`off`).
 */
export type VideoSent = 'full' | 'small' | 'paused' | 'off';

/** Measured over the last two seconds. */
export interface PeerQuality {
  verdict: Verdict;
  roundTripMs: number;
  /** The worse of the two directions. */
  lossPercent: number;
  jitterMs: number;
  sentKbps: number;
  receivedKbps: number;
  /** Straight to the other, or through a relay. */
  path: 'direct' | 'relayed';
  /** By which protocol one's own side reaches the other, or the relay. */
  protocol: 'udp' | 'tcp' | 'tls';
  videoSent: VideoSent;
  /** Of what is heard: 0 is silence, 1 the loudest. */
  audioLevel: number;
}

interface Bounds {
  roundTripMs: number;
  lossPercent: number;
  jitterMs: number;
}

/** Up to here people do not notice (ITU-T G.114 asks for 150 ms one way; Opus conceals this much loss). */
const GOOD: Bounds = { roundTripMs: 300, lossPercent: 3, jitterMs: 40 };
/** Up to here they notice and can talk. */
const FAIR: Bounds = { roundTripMs: 700, lossPercent: 9, jitterMs: 100 };
/** A share of fewer packets than this is chance. */
const PACKETS_MIN = 20;

/** What has happened between two samples; null when they are not of the same connection, or at the same moment. */
export function qualityOf(before: Sample, after: Sample, videoSent: VideoSent): PeerQuality | null {
  const seconds = (after.atMs - before.atMs) / 1000;
  if (seconds <= 0 || after.receivedBytes < before.receivedBytes || after.sentBytes < before.sentBytes) {
    return null;
  }
  const lost = Math.max(0, after.packetsLost - before.packetsLost);
  const expected = lost + Math.max(0, after.packetsReceived - before.packetsReceived);
  const measures = {
    roundTripMs: Math.round(after.roundTripMs ?? 0),
    lossPercent: rounded(Math.max(expected < PACKETS_MIN ? 0 : (lost / expected) * 100, after.sentLoss * 100)),
    jitterMs: Math.round(after.jitterMs),
  };
  return {
    ...measures,
    verdict: verdictOf(measures, videoSent),
    sentKbps: kbps(after.sentBytes - before.sentBytes, seconds),
    receivedKbps: kbps(after.receivedBytes - before.receivedBytes, seconds),
    path: after.path,
    protocol: after.protocol,
    videoSent,
    audioLevel: after.audioLevel,
  };
}

export function verdictOf(measures: Bounds, videoSent: VideoSent): Verdict {
  if (!isWithin(measures, FAIR) || videoSent === 'paused') {
    return 'poor';
  }
  return isWithin(measures, GOOD) && videoSent !== 'small' ? 'good' : 'fair';
}

const WORST_FIRST: readonly Verdict[] = ['poor', 'fair', 'good'];

/** Null of nothing. */
export function worstOf(verdicts: readonly Verdict[]): Verdict | null {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? null;
}

function isWithin(measures: Bounds, bounds: Bounds): boolean {
  return measures.roundTripMs <= bounds.roundTripMs && measures.lossPercent <= bounds.lossPercent && measures.jitterMs <= bounds.jitterMs;
}

function kbps(bytes: number, seconds: number): number {
  return Math.round((bytes * 8) / 1000 / seconds);
}

function rounded(percent: number): number {
  return Math.round(percent * 10) / 10;
}
