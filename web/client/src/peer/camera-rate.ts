/** Has one's own camera make no more pictures than are sent: each of the rest would be drawn, and thrown away once for each other. */

/** What a camera is asked for when nobody but one other sees it. */
const USUAL_MAX = 30;

interface Limit {
  /** What was asked of the camera when it was opened. */
  wish: MediaTrackConstraints;
  framesMax: number;
}

const limits = new WeakMap<MediaStreamTrack, Limit>();

/** Pictures a second. Where a camera cannot, it makes as many as it did; the usual limit gives back what was asked for. */
export async function limitFrames(track: MediaStreamTrack, framesMax: number): Promise<void> {
  const { wish, framesMax: present } = limits.get(track) ?? { wish: track.getConstraints(), framesMax: USUAL_MAX };
  if (framesMax !== present) {
    limits.set(track, { wish, framesMax });
    await track.applyConstraints(withFrames(wish, framesMax)).catch(() => undefined);
  }
}

/** The wish with no more pictures in it than `framesMax`. */
export function withFrames(wish: MediaTrackConstraints, framesMax: number): MediaTrackConstraints {
  if (framesMax >= USUAL_MAX) {
    return wish;
  }
  const { frameRate } = wish;
  const { ideal = framesMax, max = framesMax } = typeof frameRate === 'object' ? frameRate : { ideal: frameRate };
  return { ...wish, frameRate: { ideal: Math.min(ideal, framesMax), max: Math.min(max, framesMax) } };
}
