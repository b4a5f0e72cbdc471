/** Sorts STUN and TURN servers by how they are reached (RFC 7064, RFC 7065). Pure. */

export type RelayProtocol = 'udp' | 'tcp' | 'tls';

/** Servers that tell one's own address over UDP. A relay does so as well, but is only asked where nothing else can be. */
export function stunServers(servers: readonly RTCIceServer[]): RTCIceServer[] {
  const plain = split(servers).filter((server) => server.urls.startsWith('stun:'));
  return plain.length > 0 ? plain : relayServers(servers, 'udp');
}

export function relayServers(servers: readonly RTCIceServer[], protocol: RelayProtocol): RTCIceServer[] {
  return split(servers).filter((server) => protocolOf(server.urls) === protocol);
}

/** One address an entry. */
function split(servers: readonly RTCIceServer[]): (RTCIceServer & { urls: string })[] {
  return servers.flatMap((server) => [server.urls].flat().map((urls) => ({ ...server, urls })));
}

function protocolOf(url: string): RelayProtocol | null {
  if (url.startsWith('turns:')) {
    return 'tls';
  }
  if (!url.startsWith('turn:')) {
    return null;
  }
  return url.includes('transport=tcp') ? 'tcp' : 'udp';
}
