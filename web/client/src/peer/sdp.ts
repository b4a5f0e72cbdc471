/** The one line of a description that the client reads. */

/**
 * The session id of the `o=` line (RFC 8866 §5.2, RFC 9429 §5.2.1): it stays the same as long as the other side's
 * connection does, so a new one means that the other side's page was loaded anew.
 */
export function originOf(description: RTCSessionDescriptionInit): string | null {
  return /^o=\S+ (\S+) /m.exec(description.sdp ?? '')?.[1] ?? null;
}
