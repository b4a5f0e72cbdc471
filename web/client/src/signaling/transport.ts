/** The two ways of Engine.IO 4 to carry text: a websocket, and requests for where a proxy lets none through. */

export interface Transport {
  send(packet: string): void;
  /** Without a word to the other side, and without a call of `onClose`. */
  close(): void;
}

export interface TransportHandlers {
  onPacket(packet: string): void;
  /** Once, unless it was closed by oneself. */
  onClose(): void;
}

export type OpenTransport = (endpoint: URL, handlers: TransportHandlers) => Transport;

/** Separates packets that travel in one body (Engine.IO protocol 4, HTTP long-polling). */
const SEPARATOR = '\x1e';

export const openWebSocket: OpenTransport = (endpoint, handlers) => {
  const url = addressOf(endpoint, 'websocket');
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url);
  const waiting: string[] = [];
  socket.onopen = () => waiting.splice(0).forEach((packet) => socket.send(packet));
  socket.onmessage = ({ data }) => handlers.onPacket(String(data));
  socket.onclose = () => handlers.onClose();
  return {
    send: (packet) => (socket.readyState === WebSocket.CONNECTING ? waiting.push(packet) : socket.send(packet)),
    close: () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
};

export const openPolling: OpenTransport = (endpoint, handlers) => {
  const url = addressOf(endpoint, 'polling');
  const closing = new AbortController();
  let waiting: string[] = [];
  let isSending = false;
  void receive();
  return { send, close: () => closing.abort() };

  async function receive(): Promise<void> {
    try {
      while (!closing.signal.aborted) {
        (await request('GET')).split(SEPARATOR).forEach(take);
      }
    } catch {
      fail();
    }
  }

  function take(packet: string): void {
    if (closing.signal.aborted) {
      return;
    }
    // The first packet, `0{"sid": …}`, names the session that all further requests belong to.
    if (packet.startsWith('0') && !url.searchParams.has('sid')) {
      url.searchParams.set('sid', String((JSON.parse(packet.slice(1)) as { sid: unknown }).sid));
    }
    handlers.onPacket(packet);
  }

  function send(packet: string): void {
    waiting.push(packet);
    void flush();
  }

  /** One request at a time, so that the order is kept. */
  async function flush(): Promise<void> {
    if (isSending) {
      return;
    }
    isSending = true;
    try {
      while (waiting.length > 0) {
        const body = waiting.join(SEPARATOR);
        waiting = [];
        await request('POST', body);
      }
    } catch {
      fail();
    } finally {
      isSending = false;
    }
  }

  async function request(method: string, body: string | null = null): Promise<string> {
    const response = await fetch(url, { method, body, signal: closing.signal, credentials: 'omit', cache: 'no-store' });
    if (!response.ok) {
      throw new Error(`The server answered ${response.status}.`);
    }
    return response.text();
  }

  function fail(): void {
    if (!closing.signal.aborted) {
      closing.abort();
      handlers.onClose();
    }
  }
};

function addressOf(endpoint: URL, transport: string): URL {
  const url = new URL(endpoint);
  url.searchParams.set('EIO', '4');
  url.searchParams.set('transport', transport);
  return url;
}
