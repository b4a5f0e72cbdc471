// The files of the usage example: served on an origin of their own, or put under the server's.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
const example = (name) => fileURLToPath(new URL(`../usage-example/${name}`, import.meta.url));
const socketIo = join(dirname(resolve('socket.io-client/package.json')), 'dist');
const simplePeer = join(dirname(resolve('simple-peer/package.json')), 'simplepeer.min.js');

const FILES = {
  'index.html': ['text/html', () => readFile(example('index.html'))],
  'example.js': ['text/javascript', () => readFile(example('example.js'))],
  'socket.io.js': ['text/javascript', () => readFile(join(socketIo, 'socket.io.min.js'))],
  'socket.io.esm.js': ['text/javascript', () => readFile(join(socketIo, 'socket.io.esm.min.js'))],
  'simplepeer.js': ['text/javascript', () => readFile(simplePeer)],
  'simplepeer.esm.js': ['text/javascript', async () => 'export default window.SimplePeer;'],
};

async function find(url, more) {
  const name = new URL(url, 'http://localhost').pathname.split('/').at(-1) || 'index.html';
  const [type, read] = more[name] ?? FILES[name] ?? [];
  return read ? { status: 200, contentType: type, body: await read() } : { status: 404, contentType: 'text/plain', body: '' };
}

/** @returns {Promise<{ origin: string, close: () => Promise<void> }>} */
export async function serveExample() {
  const server = createServer(async (request, response) => {
    const { status, contentType, body } = await find(request.url, {});
    response.writeHead(status, { 'content-type': contentType }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Lets the page find the files below `/example/` of whatever origin it is on. */
export function routeExample(page, html) {
  const more = { 'index.html': ['text/html', async () => html] };
  return page.route('**/example/**', async (route) => route.fulfill(await find(route.request().url(), more)));
}
