// Socket.IO clients as people have them, unchanged, over each transport.
import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { io as io4 } from 'socket.io-client';
import io2 from 'socket.io-client-2';
import { io as io3 } from 'socket.io-client-3';
import { Platform } from '../harness/platform.js';
import { preparePython, runPython } from '../harness/python.js';
import { startServer } from '../harness/server.js';
import { ANSWER, CANDIDATES, OFFER } from '../harness/signals.js';

const TRANSPORTS = [['websocket'], ['polling'], ['polling', 'websocket']];

describe('clients', { timeout: 240_000 }, () => {
  let server, platform;

  before(async () => {
    server = await startServer();
    platform = new Platform(server);
  });

  after(() => server?.stop());

  async function bookRoom() {
    const visit = await platform.book();
    const { roomId } = await platform.call('POST', `video-calls/generate-room/${visit.id}`, {}, visit.client.token);
    return { ...visit, roomId };
  }

  function checkRoom(visit, { joined, janeJoined, newcomer, left }) {
    const entry = (user) => ({ userId: user.id, userName: user.name, userRole: user.role });
    const plain = ({ socketId, ...rest }) => (assert.equal(typeof socketId, 'string'), rest);
    assert.equal(joined.roomId, visit.roomId);
    assert.deepEqual(joined.participants.map(plain), [entry(visit.client)]);
    assert.deepEqual(janeJoined.participants.map(plain), [entry(visit.client), entry(visit.psychologist)]);
    assert.deepEqual(plain(newcomer), entry(visit.psychologist));
    assert.deepEqual(left, { socketId: newcomer.socketId, userId: visit.psychologist.id });
  }

  for (const [version, io] of [
    [4, io4],
    [3, io3],
  ]) {
    for (const transports of TRANSPORTS) {
      const name = `socket.io-client ${version} over ${transports.join(' and ')}`;
      test(`${name}: joins, signals and leaves`, async (t) => {
        const visit = await bookRoom();
        const connect = (user) => {
          const socket = io(server.url, { auth: { token: user.token }, transports, forceNew: true, reconnection: false });
          t.after(() => socket.disconnect());
          return socket;
        };

        const john = connect(visit.client);
        const acknowledged = new Promise((answer) => john.emit('join-room', { roomId: visit.roomId }, answer));
        const [joined] = await once(john, 'room-joined');
        assert.equal((await acknowledged).success, true);

        const jane = connect(visit.psychologist);
        if (transports.length === 2) {
          await once(jane, 'connect');
          if (jane.io.engine.transport.name !== 'websocket') {
            await once(jane.io.engine, 'upgrade');
          }
        }
        jane.emit('join-room', { roomId: visit.roomId, userId: visit.psychologist.id, userRole: 'psychologist' });
        const [[janeJoined], [newcomer]] = await Promise.all([once(jane, 'room-joined'), once(john, 'user-joined')]);
        assert.equal(newcomer.socketId, jane.id);

        const candidates = on(john, 'ice-candidate');
        john.emit('offer', { offer: OFFER, to: jane.id });
        assert.deepEqual(await once(jane, 'offer'), [{ offer: OFFER, from: john.id }]);
        jane.emit('answer', { answer: ANSWER, to: john.id });
        CANDIDATES.forEach((candidate) => jane.emit('ice-candidate', { candidate, to: john.id }));
        assert.deepEqual(await once(john, 'answer'), [{ answer: ANSWER, from: jane.id }]);
        for (const candidate of CANDIDATES) {
          assert.deepEqual((await candidates.next()).value, [{ candidate, from: jane.id }]);
        }

        jane.emit('leave-room', { roomId: visit.roomId, userId: visit.psychologist.id });
        const [left] = await once(john, 'user-left');
        checkRoom(visit, { joined, janeJoined, newcomer, left });
      });

      test(`${name}: is told why it is refused`, async (t) => {
        const socket = io(server.url, { auth: { token: 'nonsense' }, transports, forceNew: true, reconnection: false });
        t.after(() => socket.disconnect());
        const [error] = await once(socket, 'connect_error');
        assert.equal(error.message, 'AUTHENTICATION_FAILED');
        assert.equal(error.data.code, 'AUTHENTICATION_FAILED');
        assert.equal(typeof error.data.message, 'string');
        assert.equal(typeof error.data.details, 'object');
      });
    }
  }

  for (const transports of [['websocket'], ['polling']]) {
    test(`socket.io-client 2 over ${transports} is refused`, async (t) => {
      const socket = io2(server.url, { transports, forceNew: true, reconnection: false });
      t.after(() => socket.close());
      const error = await new Promise((refused, accepted) => {
        socket.on('connect_error', refused);
        socket.on('connect', () => accepted(new Error('It was let in.')));
      });
      assert.equal(error.type, 'TransportError');
    });
  }

  test('protocol 3 is refused with the words of the reference server', async () => {
    const response = await fetch(`${server.url}socket.io/?EIO=3&transport=polling`);
    assert.equal(response.status, 400);
    assert.equal(await response.text(), '{"code":5,"message":"Unsupported protocol version"}');
  });

  describe('python-socketio', () => {
    before(preparePython, { timeout: 120_000 });

    for (const transports of TRANSPORTS) {
      test(`over ${transports.join(' and ')}: joins, signals and leaves`, async () => {
        const visit = await bookRoom();
        const seen = await runPython('two_clients.py', {
          serverUrl: server.url,
          tokens: [visit.client.token, visit.psychologist.token],
          roomId: visit.roomId,
          transports,
          offer: OFFER,
          answer: ANSWER,
          candidates: CANDIDATES,
        });
        checkRoom(visit, seen);
        assert.equal(seen.acknowledged.success, true);
        assert.deepEqual(seen.offer.offer, OFFER);
        assert.deepEqual(seen.answer.answer, ANSWER);
        assert.deepEqual(seen.candidates, CANDIDATES);
        assert.equal(seen.transport, transports.at(-1));
        assert.equal(seen.refusal.message, 'AUTHENTICATION_FAILED');
        assert.equal(seen.refusal.data.code, 'AUTHENTICATION_FAILED');
      });
    }
  });
});
