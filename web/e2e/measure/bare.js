// Calls that have nothing but connections and pictures: what our page is compared with.

/**
 * Connects everybody with everybody, as a browser does it by itself.
 * @param {import('playwright-core').Page[]} pages on any address where cameras may be used
 * @param {{ video: MediaTrackConstraints, remoteWidth: number, ownWidth: number }} look widths in CSS pixels
 */
export async function connectBare(pages, look) {
  await Promise.all(pages.map((page) => page.evaluate(openBare, look)));
  for (const [newcomer, page] of pages.entries()) {
    for (const [present, other] of pages.slice(0, newcomer).entries()) {
      const offer = await page.evaluate((id) => window.describe(id), present);
      const answer = await other.evaluate(([id, description]) => window.describe(id, description), [newcomer, offer]);
      await page.evaluate(([id, description]) => window.connections.get(id).setRemoteDescription(description), [present, answer]);
    }
  }
}

/** Runs in the page. */
async function openBare({ video, remoteWidth, ownWidth }) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video });
  const show = (className, width) => {
    const picture = Object.assign(document.createElement('video'), { className, autoplay: true, muted: className === 'own', width });
    document.body.append(picture);
    return picture;
  };
  show('own', ownWidth).srcObject = stream;
  window.connections = new Map();
  window.describe = async (id, offer) => {
    const connection = new RTCPeerConnection();
    window.connections.set(id, connection);
    const remote = show('remote', remoteWidth);
    connection.ontrack = ({ streams: [first] }) => {
      remote.srcObject = first;
    };
    stream.getTracks().forEach((track) => connection.addTrack(track, stream));
    if (offer) {
      await connection.setRemoteDescription(offer);
    }
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== 'complete') {
      await new Promise((changed) => connection.addEventListener('icegatheringstatechange', changed, { once: true }));
    }
    const { type, sdp } = connection.localDescription;
    return { type, sdp };
  };
}
