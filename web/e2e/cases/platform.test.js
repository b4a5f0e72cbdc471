// The example platform: what its backend does with Holdspace.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startExample } from '../harness/example-platform.js';

let example;

before(async () => {
  example = await startExample();
});

after(async () => {
  assert.equal(await example?.stop(), 0);
});

async function ask(path, method = 'GET') {
  const response = await fetch(new URL(path, example.url), { method });
  return { status: response.status, policy: response.headers.get('content-security-policy'), body: await response.json() };
}

async function book() {
  const { status, body } = await ask('/appointments', 'POST');
  assert.equal(status, 201);
  return body.number;
}

async function canJoin({ server, session, token }) {
  const response = await fetch(new URL(`api/v1/video-calls/can-join/${session}`, server), { headers: { 'x-auth-token': token } });
  return (await response.json()).data;
}

test('a booked appointment gives each of the two a ticket that lets them in', async () => {
  const number = await book();
  const tickets = await Promise.all(['client', 'psychologist'].map((role) => ask(`/appointments/${number}/ticket/${role}`)));
  const [client, psychologist] = tickets.map(({ body }) => body);
  assert.equal(client.server, example.holdspace);
  assert.equal(client.session, psychologist.session);
  assert.notEqual(client.token, psychologist.token);
  for (const ticket of [client, psychologist]) {
    assert.equal((await canJoin(ticket)).canJoin, true);
  }
  const { body } = await ask('/appointments');
  assert.deepEqual(body.appointments.find((one) => one.number === String(number)).status, 'Confirmed');
});

test('a cancelled appointment lets nobody in', async () => {
  const number = await book();
  const { body: ticket } = await ask(`/appointments/${number}/ticket/client`);
  assert.deepEqual((await ask(`/appointments/${number}/cancel`, 'POST')).body, { status: 'Cancelled' });
  const answer = await canJoin(ticket);
  assert.deepEqual([answer.canJoin, answer.reason], [false, 'SESSION_CANCELLED']);
});

test('nobody gets a ticket for an appointment that is none', async () => {
  for (const path of ['/appointments/99/ticket/client', '/appointments/1/ticket/admin', '/appointments/99/cancel', '/../start.js']) {
    assert.equal((await ask(path, path.endsWith('cancel') ? 'POST' : 'GET')).status, 404, path);
  }
});
