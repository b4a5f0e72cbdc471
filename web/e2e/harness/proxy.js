// A reverse proxy below a path prefix, which it takes off or keeps, as operators put in front of the server.
import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';

/**
 * @param {string} target the server's own address
 * @param {{ prefix: string, keepsPrefix: boolean }} options
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} `url`: the prefix's own, with a slash at its end
 */
export async function startProxy(target, { prefix, keepsPrefix }) {
  const sockets = new Set();
  const forward = (request) => {
    const path = keepsPrefix ? request.url : request.url.slice(prefix.length) || '/';
    return ask(new URL(path, target), { method: request.method, headers: request.headers });
  };
  const server = createServer((request, response) => {
    if (!request.url.startsWith(prefix)) {
      response.writeHead(404).end();
      return;
    }
    const onward = forward(request);
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('upgrade', (request, socket, early) => {
    const onward = forward(request);
    onward.on('upgrade', (answer, other, earlyToo) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines(answer.rawHeaders)}\r\n`);
      socket.write(earlyToo);
      other.write(early);
      [socket, other].forEach((one) => one.on('error', () => {}));
      other.pipe(socket).pipe(other);
    });
    onward.on('error', () => socket.destroy());
    onward.end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}${prefix}/`,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

function lines(rawHeaders) {
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}\r\n`] : []));
  return pairs.join('');
}
