/** Runs in the page, before anything else: its connections know only relays, and of those only the URLs that fit `pattern`. */
export function relayOnly(pattern) {
  const Real = window.RTCPeerConnection;
  const confine = (configuration) => ({
    ...configuration,
    iceTransportPolicy: 'relay',
    iceServers: configuration.iceServers.filter(({ urls }) => new RegExp(pattern).test(urls)),
  });
  window.RTCPeerConnection = class extends Real {
    constructor(configuration) {
      super(confine(configuration));
    }
    setConfiguration(configuration) {
      super.setConfiguration(confine(configuration));
    }
  };
}

/** How a client may reach a relay, and the URLs for it. */
export const WAYS = [
  { name: 'UDP', pattern: '^turn:.*udp$' },
  { name: 'TCP', pattern: '^turn:.*tcp$' },
  { name: 'TLS', pattern: '^turns:' },
];
