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
    window.countSound = async () => {
      const connection = window.connections.find(({ connectionState }) => connectionState === 'connected');
      const report = [...(await connection.getStats()).values()];
      return report.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio').packetsReceived;
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

/** Waits until a second of the other's sound has come in, in packets of 20 ms. */
export async function hears(page) {
  const before = await page.evaluate(() => window.countSound());
  await page.evaluate(() => {
    window.heard = 0;
    window.listening = setInterval(async () => {
      window.heard = await window.countSound();
    }, 100);
  });
  await page.waitForFunction((least) => window.heard >= least, before + 50);
  await page.evaluate(() => clearInterval(window.listening));
}
