// The usage example of the API reference with simple-peer, reading the documented envelope, and with the glue that
// the example leaves to its reader: who initiates, and whom one talks to. Runs in the page, on another origin.
/* global io, SimplePeer */

async function startCall({ serverUrl, token, sessionId, user, trickle }) {
  const remoteVideo = document.getElementById('remote');
  const localVideo = document.getElementById('local');

  async function call(method, path, body) {
    const response = await fetch(`${serverUrl}api/video-calls/${path}/${sessionId}`.replace(/config\/.*/, 'config'), {
      method,
      headers: { 'x-auth-token': token, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, remaining: response.headers.get('x-ratelimit-remaining'), ...(await response.json()) };
  }

  const canJoin = await call('GET', 'can-join');
  if (!canJoin.data.canJoin) {
    throw new Error(`Cannot join call: ${canJoin.data.reason}`);
  }
  const { iceServers } = (await call('GET', 'config')).data;
  const { roomId } = (await call('POST', 'generate-room')).data;
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  localVideo.srcObject = stream;

  const socket = io(serverUrl, { auth: { token } });
  socket.emit('join-room', { roomId, userId: user.id, userName: user.name, userRole: user.role });

  let peer = null;
  function connect(isInitiator, targetSocketId) {
    peer = new SimplePeer({ initiator: isInitiator, trickle, stream, config: { iceServers } });
    peer.on('signal', (data) => {
      if (data.type === 'offer') {
        socket.emit('offer', { offer: data, to: targetSocketId });
      } else if (data.type === 'answer') {
        socket.emit('answer', { answer: data, to: targetSocketId });
      } else if (data.candidate) {
        socket.emit('ice-candidate', { candidate: data.candidate, to: targetSocketId });
      }
    });
    peer.on('stream', (remote) => {
      remoteVideo.srcObject = remote;
    });
    peer.on('error', (error) => console.error('Peer connection error:', error));
  }

  socket.on('user-joined', ({ socketId }) => connect(true, socketId));
  socket.on('offer', ({ offer, from }) => {
    if (!peer) {
      connect(false, from);
    }
    peer.signal(offer);
  });
  socket.on('answer', ({ answer }) => peer.signal(answer));
  socket.on('ice-candidate', ({ candidate }) => peer.signal({ type: 'candidate', candidate }));

  const events = [];
  socket.onAny((name) => events.push(name));
  await new Promise((joined) => socket.once('room-joined', joined));
  window.call = {
    events,
    remaining: canJoin.remaining,
    start: () => call('POST', 'start', { startTime: new Date().toISOString() }),
    end: () => call('POST', 'end', { endTime: new Date().toISOString() }),
  };
}
