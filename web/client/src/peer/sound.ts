/** How one wishes to be sent voice. Pure. */

/** Among fewer, packets of 20 ms, as browsers send them by themselves, keep the delay short. */
const CROWD_MIN = 2;
/**
 * Among many the packets themselves are most of what a call costs each device: longer ones are a third as many, and the
 * words come 40 ms later.
 */
const CROWD_PACKET_MS = 60;

/** By the number of others; null for what the browser does by itself. */
export function planPacketMs(others: number): number | null {
  return others >= CROWD_MIN ? CROWD_PACKET_MS : null;
}
