/** How good the way of the media is, in words. */

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
