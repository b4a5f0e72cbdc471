/**
 * How large one's own picture is sent: as large as the number of people allows, smaller when the path loses it, not at all
 * when even that harms the sound, and back by itself. Pure: measurements and time are arguments.
 */

export type PictureLevel = 'full' | 'small' | 'paused';

export interface PathMeasures {
  /** What the browser believes the path can carry; null where it does not tell. */
  availableKbps: number | null;
  /** Of what is sent. */
  lossPercent: number;
  roundTripMs: number;
}

export interface PictureState {
  level: PictureLevel;
  /** When this level was taken. */
  sinceMs: number;
  /** Since when nothing has been wrong with it. */
  wellSinceMs: number;
  /** Bad measurements in a row; one alone changes nothing. */
  badCount: number;
  /** Whether this level was a try after a smaller one. */
  isTry: boolean;
  /** How long it must have been well before the next larger level is tried. */
  patienceMs: number;
}

/** Bad measurements in a row upon which a level is left. No picture at all is the last resort. */
const BAD_MAX: Readonly<Record<PictureLevel, number>> = { full: 2, small: 3, paused: Number.POSITIVE_INFINITY };
const PATIENCE_FIRST_MS = 8_000;
const PATIENCE_MAX_MS = 64_000;
/** A larger level that has held this long was no mistake. */
const PROVEN_MS = 15_000;

interface Bounds {
  availableKbps: number;
  lossPercent: number;
  roundTripMs: number;
}

/** Beyond these a level is left for the next smaller one. Voice takes about 40 kbit/s. */
const LEAVES: Readonly<Record<'full' | 'small', Bounds>> = {
  full: { availableKbps: 200, lossPercent: 6, roundTripMs: 1_200 },
  small: { availableKbps: 70, lossPercent: 18, roundTripMs: 3_000 },
};
const SMALLER: Readonly<Record<PictureLevel, PictureLevel>> = { full: 'small', small: 'paused', paused: 'paused' };
const LARGER: Readonly<Record<PictureLevel, PictureLevel>> = { full: 'full', small: 'full', paused: 'small' };

export function firstPicture(nowMs: number): PictureState {
  return { level: 'full', sinceMs: nowMs, wellSinceMs: nowMs, badCount: 0, isTry: false, patienceMs: PATIENCE_FIRST_MS };
}

/** The state after one more measurement. */
export function nextPicture(state: PictureState, path: PathMeasures, nowMs: number): PictureState {
  if (isBad(state.level, path)) {
    const badCount = state.badCount + 1;
    const isTooMuch = badCount >= BAD_MAX[state.level];
    return isTooMuch ? change(state, { level: SMALLER[state.level], isTry: false, patienceMs: patienceAfter(state, nowMs) }, nowMs) : { ...state, badCount, wellSinceMs: nowMs };
  }
  if (!isWell(state.level, path)) {
    return { ...state, badCount: 0, wellSinceMs: nowMs };
  }
  if (state.level !== 'full' && nowMs - state.wellSinceMs >= state.patienceMs) {
    return change(state, { level: LARGER[state.level], isTry: true, patienceMs: state.patienceMs }, nowMs);
  }
  return { ...state, badCount: 0 };
}

/** A level that was only just tried and did not hold is tried again later, and later each time. */
function patienceAfter(state: PictureState, nowMs: number): number {
  const wasMistake = state.isTry && nowMs - state.sinceMs < PROVEN_MS;
  return wasMistake ? Math.min(state.patienceMs * 2, PATIENCE_MAX_MS) : PATIENCE_FIRST_MS;
}

function change(state: PictureState, to: Pick<PictureState, 'level' | 'isTry' | 'patienceMs'>, nowMs: number): PictureState {
  return { ...state, ...to, sinceMs: nowMs, wellSinceMs: nowMs, badCount: 0 };
}

/** Worse than the level bears; paused, than the next larger one would. What is narrow shows only while a picture is sent. */
function isBad(level: PictureLevel, path: PathMeasures): boolean {
  const bounds = LEAVES[level === 'full' ? 'full' : 'small'];
  const isNarrow = level !== 'paused' && path.availableKbps !== null && path.availableKbps < bounds.availableKbps;
  return isNarrow || path.lossPercent > bounds.lossPercent || path.roundTripMs > bounds.roundTripMs;
}

/** Well enough for the next larger level, with room to spare. */
function isWell(level: PictureLevel, path: PathMeasures): boolean {
  const bounds = LEAVES[level === 'paused' ? 'small' : 'full'];
  return path.lossPercent <= bounds.lossPercent / 2 && path.roundTripMs <= bounds.roundTripMs / 2;
}

export interface PicturePlan {
  isActive: boolean;
  /** The picture is made no higher than this. */
  heightMax: number;
  /** Bits a second. */
  bitrateMax: number;
  /** Frames a second: each is encoded once for each of the others, and drawn by each. */
  framesMax: number;
}

/** By the number of others: in a mesh each of them is sent a picture of their own. */
const FULL: readonly PicturePlan[] = [
  { isActive: true, heightMax: 720, bitrateMax: 1_800_000, framesMax: 30 },
  { isActive: true, heightMax: 480, bitrateMax: 900_000, framesMax: 30 },
  { isActive: true, heightMax: 360, bitrateMax: 550_000, framesMax: 20 },
  { isActive: true, heightMax: 360, bitrateMax: 400_000, framesMax: 15 },
  { isActive: true, heightMax: 240, bitrateMax: 280_000, framesMax: 10 },
  { isActive: true, heightMax: 180, bitrateMax: 200_000, framesMax: 10 },
];
const SMALL: PicturePlan = { isActive: true, heightMax: 180, bitrateMax: 150_000, framesMax: 15 };

export function planPicture(level: PictureLevel, others: number): PicturePlan {
  const full = FULL[Math.min(Math.max(others, 1), FULL.length) - 1] ?? SMALL;
  switch (level) {
    case 'full':
      return full;
    case 'small':
      return {
        isActive: true,
        heightMax: Math.min(SMALL.heightMax, full.heightMax),
        bitrateMax: Math.min(SMALL.bitrateMax, full.bitrateMax / 2),
        framesMax: Math.min(SMALL.framesMax, full.framesMax),
      };
    case 'paused':
      return { ...SMALL, isActive: false };
  }
}
