// The example platform: what its backend does with Holdspace, and a whole visit in its own page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
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

test('two people meet in the page of the platform, and the platform bills the visit', async () => {
  const browser = await launchBrowser();
  try {
    const list = await openTab(browser);
    const { appointments } = (await ask('/appointments')).body;
    await list.goto(example.url);
    await list.getByRole('button', { name: 'Book a visit for now' }).click();
    // Behind those that are there already.
    const item = list.locator('li').nth(appointments.length);
    const links = await Promise.all(['client', 'psychologist'].map((role) => item.locator(`a.${role}`).getAttribute('href')));
    const [client, psychologist] = await Promise.all(links.map((link) => join(browser, new URL(link, example.url).href)));
    await Promise.all([client.seesOther(), psychologist.seesOther()]);
    await psychologist.endsVisit();
    await Promise.all([client, psychologist].map(({ page }) => page.locator('#state', { hasText: 'ended' }).waitFor()));
    await list.reload();
    await item.getByText(/Completed, \d+ minutes to be billed/).waitFor();
    [client, psychologist].forEach((person) => person.hasNoComplaints());
    assert.deepEqual(list.complaints, []);
  } finally {
    await browser.close();
  }
});

/** Opens the platform's page of the visit and goes in. */
async function join(browser, link) {
  const person = new CallPage(await openTab(browser));
  await person.open(link);
  await person.page.locator('#state', { hasText: 'ready' }).waitFor();
  await person.at('join').click();
  await person.page.locator('#state', { hasText: 'in-call' }).waitFor();
  return person;
}
