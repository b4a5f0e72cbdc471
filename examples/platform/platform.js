// A small platform: its pages, its appointments, and the ticket with which somebody's browser joins a visit.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { newId } from './holdspace.js';

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/index.js': ['index.js', 'text/javascript; charset=utf-8'],
  '/visit': ['visit.html', 'text/html; charset=utf-8'],
  '/visit.js': ['visit.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
};

/** Who uses this platform. A real one has a database, and knows who asks from its own sign-in. */
const PEOPLE = {
  client: { id: newId(), role: 'client', name: 'Sam Rivera', email: 'sam@platform.invalid' },
  psychologist: { id: newId(), role: 'psychologist', name: 'Dr. Noor Haddad', email: 'noor@platform.invalid' },
};

const ROUTES = [
  ['GET', /^\/appointments$/, listAppointments],
  ['POST', /^\/appointments$/, bookAppointment],
  ['GET', /^\/appointments\/(\d+)\/ticket\/(client|psychologist)$/, giveTicket],
  ['POST', /^\/appointments\/(\d+)\/cancel$/, cancelAppointment],
];

/** @returns {import('node:http').Server} the platform, which finds the server when `holdspace()` is first asked for it */
export function createPlatform(holdspace) {
  const platform = { holdspace, appointments: new Map(), booked: 0 };
  return createServer((request, response) => {
    answer(platform, request)
      .catch((error) => ({ status: 502, json: { error: error.message } }))
      .then((reply) => send(response, reply, platform.holdspace()?.url));
  });
}

async function answer(platform, request) {
  const { pathname } = new URL(request.url, 'http://platform.invalid');
  for (const [method, pattern, handle] of ROUTES) {
    const match = request.method === method && pattern.exec(pathname);
    if (match) {
      return handle(platform, ...match.slice(1));
    }
  }
  const [name, type] = (request.method === 'GET' && FILES[pathname]) || [];
  return name ? { type, body: await readFile(new URL(`public/${name}`, import.meta.url)) } : { status: 404, json: { error: 'There is nothing here' } };
}

async function bookAppointment(platform) {
  platform.booked += 1;
  const number = platform.booked;
  const { id } = await platform.holdspace().book({ number: `appointment-${number}`, ...PEOPLE, at: new Date() });
  platform.appointments.set(String(number), id);
  return { status: 201, json: { number } };
}

async function listAppointments({ holdspace, appointments }) {
  const list = [...appointments].map(async ([number, id]) => {
    const { status, sessionDate, callDuration } = await holdspace().session(id);
    return { number, status, at: sessionDate, minutes: callDuration };
  });
  return { json: { appointments: await Promise.all(list) } };
}

/** A real platform gives a ticket only to the person whom it is for. Here the address says who one is. */
function giveTicket({ holdspace, appointments }, number, role) {
  const id = appointments.get(number);
  return id ? { json: holdspace().ticket(id, PEOPLE[role]) } : { status: 404, json: { error: 'There is no such appointment' } };
}

async function cancelAppointment({ holdspace, appointments }, number) {
  const id = appointments.get(number);
  if (!id) {
    return { status: 404, json: { error: 'There is no such appointment' } };
  }
  const { status } = await holdspace().cancel(id);
  return { json: { status } };
}

function send(response, { status = 200, json, type = 'application/json', body = JSON.stringify(json) }, holdspaceUrl) {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-security-policy': policy(holdspaceUrl),
    'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** A page with the element in it loads a script from Holdspace, and talks to it over HTTP and websockets. */
function policy(holdspaceUrl) {
  const origin = holdspaceUrl ? new URL(holdspaceUrl).origin : '';
  return [
    "default-src 'none'",
    `script-src 'self' ${origin}`,
    "style-src 'self'",
    `img-src 'self' data: ${origin}`,
    `connect-src 'self' ${origin} ${origin.replace(/^http/, 'ws')}`,
    "media-src 'self' blob: mediastream:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
