// By which way the media of a page goes, as its connections say themselves.

/** Before the page is opened. */
export function observePaths(page) {
  return page.addInitScript(() => {
    const Native = window.RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Native {
      constructor(...options) {
        super(...options);
        window.connections.push(this);
      }
    };
  });
}

/** `own` and `other`: host, srflx, prflx or relay. `relayProtocol`: how the own relay is spoken to, null without one. */
export function pathOf(page) {
  return page.evaluate(async () => {
    const connection = window.connections.find(({ connectionState }) => connectionState === 'connected');
    const report = new Map(await connection.getStats());
    const transport = [...report.values()].find(({ type }) => type === 'transport');
    const pair = report.get(transport.selectedCandidatePairId);
    const [own, other] = [report.get(pair.localCandidateId), report.get(pair.remoteCandidateId)];
    return { own: own.candidateType, other: other.candidateType, relayProtocol: own.relayProtocol ?? null };
  });
}
