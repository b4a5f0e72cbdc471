/** The one line of a description that the client reads, and the one that it adds. */

/**
 * The session id of the `o=` line (RFC 8866 §5.2, RFC 9429 §5.2.1): it stays the same as long as the other side's
 * connection does, so a new one means that the other side's page was loaded anew.
 */
export function originOf(description: RTCSessionDescriptionInit): string | null {
  return /^o=\S+ (\S+) /m.exec(description.sdp ?? '')?.[1] ?? null;
}

/**
 * The same description, asking for voice in packets of so many milliseconds (RFC 8866 §6.4). What a browser itself says of
 * its own description stays as it is: the wish is the receiver's, and the other side fulfils it.
 */
export function withPacketTime(sdp: string, packetMs: number): string {
  return sdp
    .split(/^(?=m=)/m)
    .map((section) => (section.startsWith('m=audio') ? `${section.replace(/^a=ptime:.*\r\n/gm, '')}a=ptime:${packetMs}\r\n` : section))
    .join('');
}
