// The usage example of the API reference, word for word, and the few lines around it that make it one program.

const CONNECTION = `
import io from 'socket.io-client';
`;

const STEPS_1_TO_6 = `
// 1. Check if user can join call
const canJoinResponse = await fetch(\`/api/video-calls/can-join/\${sessionId}\`, {
  headers: { 'x-auth-token': jwtToken }
});
const { canJoin } = await canJoinResponse.json();

if (!canJoin) {
  console.log('Cannot join call');
  return;
}

// 2. Get WebRTC configuration
const configResponse = await fetch('/api/video-calls/config', {
  headers: { 'x-auth-token': jwtToken }
});
const { iceServers } = await configResponse.json();

// 3. Generate room ID
const roomResponse = await fetch(\`/api/video-calls/generate-room/\${sessionId}\`, {
  method: 'POST',
  headers: { 'x-auth-token': jwtToken }
});
const { roomId } = await roomResponse.json();

// 4. Connect to WebSocket
const socket = io(SERVER_URL, {
  auth: { token: jwtToken }
});

// 5. Join room
socket.emit('join-room', {
  roomId,
  userId: currentUser.id,
  userName: currentUser.name,
  userRole: currentUser.role
});

// 6. Handle room events
socket.on('room-joined', (data) => {
  console.log('Joined room:', data);
  // Initialize WebRTC peer connection
});

socket.on('user-joined', (data) => {
  console.log('User joined:', data);
  // Create offer for new user
});
`;

const STEP_7 = `
// 7. Start call tracking
await fetch(\`/api/video-calls/start/\${sessionId}\`, {
  method: 'POST',
  headers: {
    'x-auth-token': jwtToken,
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({
    startTime: new Date().toISOString()
  })
});
`;

const STEP_8 = `
// 8. End call tracking
await fetch(\`/api/video-calls/end/\${sessionId}\`, {
  method: 'POST',
  headers: {
    'x-auth-token': jwtToken,
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({
    endTime: new Date().toISOString()
  })
});
`;

const PEER_IMPORT = `
import SimplePeer from 'simple-peer';
`;

const PEER = `
// Initialize peer connection
const peer = new SimplePeer({
  initiator: isInitiator,
  trickle: false,
  config: { iceServers }
});

// Handle peer events
peer.on('signal', (data) => {
  if (data.type === 'offer') {
    socket.emit('offer', { offer: data, to: targetSocketId });
  } else if (data.type === 'answer') {
    socket.emit('answer', { answer: data, to: targetSocketId });
  }
});

peer.on('stream', (stream) => {
  // Display remote video stream
  remoteVideo.srcObject = stream;
});

peer.on('connect', () => {
  console.log('Peer connection established');
});

peer.on('error', (err) => {
  console.error('Peer connection error:', err);
});

// Handle incoming signals
socket.on('offer', ({ offer, from }) => {
  peer.signal(offer);
});

socket.on('answer', ({ answer, from }) => {
  peer.signal(answer);
});

// Get user media and add to peer
navigator.mediaDevices.getUserMedia({
  video: true,
  audio: true
}).then((stream) => {
  localVideo.srcObject = stream;
  peer.addStream(stream);
});
`;

/** The names that the example expects to find, and the moments at which its parts run. */
const PROGRAM = `
${CONNECTION}
${PEER_IMPORT}
const { sessionId, jwtToken, currentUser, SERVER_URL } = window.settings;
const localVideo = document.getElementById('local');
const remoteVideo = document.getElementById('remote');

async function run() {
  ${STEPS_1_TO_6}

  function initialize(isInitiator, targetSocketId) {
    ${PEER}
  }
  socket.on('room-joined', ({ participants }) => {
    participants.filter(({ socketId }) => socketId !== socket.id).forEach(({ socketId }) => initialize(false, socketId));
    window.stage = 'joined';
  });
  socket.on('user-joined', ({ socketId }) => initialize(true, socketId));

  await new Promise((seen) => remoteVideo.requestVideoFrameCallback(seen));
  ${STEP_7}
  window.stage = 'started';
  await new Promise((end) => { window.end = end; });
  ${STEP_8}
  window.stage = 'ended';
}

run();
`;

const IMPORTS = { imports: { 'socket.io-client': './socket.io.esm.js', 'simple-peer': './simplepeer.esm.js' } };

export function verbatimPage(settings) {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>The usage example, word for word</title>
    <script type="importmap">${JSON.stringify(IMPORTS)}</script>
    <script src="simplepeer.js"></script>
    <script>window.settings = ${JSON.stringify(settings)};</script>
    <script type="module">${PROGRAM}</script>
  </head>
  <body>
    <video id="local" autoplay playsinline muted></video>
    <video id="remote" data-testid="remote-video" autoplay playsinline></video>
  </body>
</html>`;
}
