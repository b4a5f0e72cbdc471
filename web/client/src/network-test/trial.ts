/** Tries ways through the network with connections of a page to itself. */

/** Ways that work take less than two seconds; a page must not wait for the others for ever. */
const TRIAL_MAX_MS = 8_000;

/** Whether anything outside is reached by UDP; null when there is no server to try it with. */
export async function gathers(iceServers: readonly RTCIceServer[]): Promise<boolean | null> {
  if (iceServers.length === 0) {
    return null;
  }
  const connection = new RTCPeerConnection({ iceServers: [...iceServers] });
  try {
    connection.createDataChannel('test');
    const result = new Promise<boolean>((resolve) => {
      let hasFailed = false;
      connection.onicecandidateerror = () => (hasFailed = true);
      connection.onicecandidate = ({ candidate }) => {
        if (candidate === null) {
          // Without a translation on the way the address seen outside is one that is known already.
          resolve(!hasFailed);
        } else if (candidate.type === 'srflx' || candidate.type === 'relay') {
          resolve(true);
        }
      };
      setTimeout(() => resolve(false), TRIAL_MAX_MS);
    });
    await connection.setLocalDescription();
    return await result;
  } finally {
    connection.close();
  }
}

/** Whether data passes through a relay and back; null when there is none to try. */
export async function relays(iceServers: readonly RTCIceServer[]): Promise<boolean | null> {
  if (iceServers.length === 0) {
    return null;
  }
  const configuration: RTCConfiguration = { iceServers: [...iceServers], iceTransportPolicy: 'relay' };
  const [near, far] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
  try {
    const channel = near.createDataChannel('test');
    const result = new Promise<boolean>((resolve) => {
      channel.onopen = () => resolve(true);
      setTimeout(() => resolve(false), TRIAL_MAX_MS);
    });
    near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    await near.setLocalDescription();
    await far.setRemoteDescription(described(near));
    await far.setLocalDescription();
    await near.setRemoteDescription(described(far));
    return await result;
  } finally {
    near.close();
    far.close();
  }
}

function described({ localDescription }: RTCPeerConnection): RTCSessionDescriptionInit {
  if (localDescription === null) {
    throw new Error('There is no description.');
  }
  return localDescription;
}
