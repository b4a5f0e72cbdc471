/** Applies to a sender how large its picture is to be sent. */

import type { PicturePlan } from './picture.js';

const FIRST_SCALE_MAX = 4;
/** Small enough for what a browser believes of a path that it does not know. */
const FIRST_HEIGHT = 180;

/** How much smaller than the camera's the first pictures are. */
export function firstScale(track: MediaStreamTrack | null): number {
  const height = track ? heightOf(track) : null;
  return height === null ? FIRST_SCALE_MAX : Math.min(FIRST_SCALE_MAX, Math.max(1, height / FIRST_HEIGHT));
}

/** `scaleMin`: to send it at least so much smaller. Where a browser cannot, the picture is only later or larger. */
export async function setPicture(sender: RTCRtpSender, plan: PicturePlan, scaleMin: number): Promise<void> {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings ?? [];
  const height = sender.track && heightOf(sender.track);
  if (!encoding) {
    return;
  }
  const wanted = {
    active: plan.isActive,
    maxBitrate: plan.bitrateMax,
    maxFramerate: plan.framesMax,
    scaleResolutionDownBy: Math.max(1, scaleMin, height ? height / plan.heightMax : 1),
  };
  const isChanged = (Object.keys(wanted) as (keyof typeof wanted)[]).some((name) => wanted[name] !== encoding[name]);
  if (isChanged) {
    Object.assign(encoding, wanted);
    await sender.setParameters(parameters).catch(() => undefined);
  }
}

/** Of the shorter side, so that a phone held upright counts like one held level. */
function heightOf(track: MediaStreamTrack): number | null {
  const { width, height } = track.getSettings();
  return width && height ? Math.min(width, height) : null;
}
