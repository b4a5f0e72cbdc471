// The peer of the benchmark: the same contract as far as the benchmark goes, written as a careful team writes it
// today: prepared statements over WAL, nothing on the way that is not needed, every check that the contract asks for.
import { createSecretKey } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import jwt from 'jsonwebtoken';
import { Server } from 'socket.io';
import { admit, canJoinView } from './admission.mjs';
import { openSessions } from './sessions.mjs';

const { DATABASE, JWT_SECRET, SEED_SESSIONS = '0', PORT = '0' } = process.env;
const sessions = openSessions(DATABASE, Number(SEED_SESSIONS));
// A key and not the text: of a text jsonwebtoken first tries whether it is a public key, which costs a millisecond.
const key = createSecretKey(Buffer.from(JWT_SECRET));
const verify = (token) => jwt.verify(token, key, { algorithms: ['HS256'] });

const app = express();
app.disable('x-powered-by');
app.disable('etag');

function authenticate(request, response, next) {
  try {
    request.user = verify(request.get('x-auth-token'));
  } catch {
    return refuse(response, 401, 'AUTHENTICATION_FAILED');
  }
  next();
}

function refuse(response, status, code) {
  response.status(status).json({
    success: false,
    error: { code, message: code, details: {}, timestamp: new Date().toISOString() },
  });
}

app.get('/api/v1/video-calls/can-join/:sessionId', authenticate, (request, response) => {
  const { sessionId } = request.params;
  if (!/^[0-9a-f]{24}$/i.test(sessionId)) return refuse(response, 400, 'INVALID_SESSION_ID');
  const session = sessions.byId(sessionId);
  if (!session) return refuse(response, 404, 'SESSION_NOT_FOUND');
  if (!sessions.isParticipant(session, request.user.sub)) return refuse(response, 401, 'PERMISSION_DENIED');
  response.set('Cache-Control', 'no-store').json({ success: true, data: canJoinView(session, Date.now()) });
});

const server = createServer(app);
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
const sockets = io.sockets.sockets;
const rooms = new Map();

io.use((socket, next) => {
  try {
    socket.data.user = verify(socket.handshake.auth.token);
    next();
  } catch {
    next(new Error('AUTHENTICATION_FAILED'));
  }
});

io.on('connection', (socket) => {
  socket.on('join-room', (payload) => join(socket, payload?.roomId));
  socket.on('leave-room', () => leave(socket));
  socket.on('disconnect', () => leave(socket));
  for (const [event, field] of [['offer', 'offer'], ['answer', 'answer'], ['ice-candidate', 'candidate']]) {
    socket.on(event, (payload) => relay(socket, event, field, payload));
  }
});

function relay(socket, event, field, payload) {
  const target = sockets.get(payload?.to);
  if (!target || !socket.data.roomId || target.data.roomId !== socket.data.roomId) {
    return fail(socket, 'PERMISSION_DENIED', { to: payload?.to });
  }
  target.emit(event, { [field]: payload[field], from: socket.id });
}

function join(socket, roomId) {
  const { user } = socket.data;
  const session = typeof roomId === 'string' && sessions.byRoom(roomId);
  if (!session) return fail(socket, 'ROOM_NOT_FOUND', { roomId });
  if (!sessions.isParticipant(session, user.sub)) return fail(socket, 'PERMISSION_DENIED', { roomId });
  const reason = admit(session, Date.now());
  if (reason) return fail(socket, 'INVALID_SESSION', { reason });
  leave(socket);
  const person = { socketId: socket.id, userId: user.sub, userName: user.name, userRole: user.role };
  const people = rooms.get(roomId) ?? rooms.set(roomId, new Map()).get(roomId);
  people.set(socket.id, person);
  socket.data.roomId = roomId;
  socket.join(roomId);
  socket.emit('room-joined', { roomId, participants: [...people.values()] });
  socket.to(roomId).emit('user-joined', person);
}

function leave(socket) {
  const { roomId } = socket.data;
  const people = rooms.get(roomId);
  if (!people?.delete(socket.id)) return;
  if (people.size === 0) rooms.delete(roomId);
  socket.data.roomId = undefined;
  socket.leave(roomId);
  socket.to(roomId).emit('user-left', { socketId: socket.id, userId: socket.data.user.sub });
}

function fail(socket, code, details) {
  socket.emit('error', { message: code, code, details });
}

server.listen(Number(PORT), '127.0.0.1', () => {
  console.error(`listening on http://127.0.0.1:${server.address().port}`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
