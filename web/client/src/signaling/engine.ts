/** One Engine.IO 4 connection: the first transport that works, and the heartbeat. It carries messages and ends once. */

import { type OpenTransport, type Transport, openPolling, openWebSocket } from './transport.js';

export interface EngineHandlers {
  onOpen(): void;
  onMessage(message: string): void;
  /** Once, unless it was closed by oneself. */
  onClose(): void;
}

interface Handshake {
  pingInterval: number;
  pingTimeout: number;
}

export class Engine {
  readonly #endpoint: URL;
  readonly #handlers: EngineHandlers;
  readonly #untried: OpenTransport[] = [openWebSocket, openPolling];
  #transport: Transport | null = null;
  #handshake: Handshake | null = null;
  #heartbeat: ReturnType<typeof setTimeout> | undefined;

  /** `endpoint`: where the server answers Engine.IO, `https://visits.example.org/socket.io/`. */
  constructor(endpoint: URL, handlers: EngineHandlers) {
    this.#endpoint = endpoint;
    this.#handlers = handlers;
    this.#tryNext();
  }

  send(message: string): void {
    this.#transport?.send(`4${message}`);
  }

  close(): void {
    clearTimeout(this.#heartbeat);
    this.#transport?.close();
    this.#transport = null;
  }

  #tryNext(): boolean {
    const open = this.#untried.shift();
    if (open) {
      this.#transport = open(this.#endpoint, { onPacket: (packet) => this.#onPacket(packet), onClose: () => this.#onTransportClosed() });
    }
    return open !== undefined;
  }

  #onTransportClosed(): void {
    if (this.#handshake !== null || !this.#tryNext()) {
      this.#end();
    }
  }

  #onPacket(packet: string): void {
    const content = packet.slice(1);
    switch (packet[0]) {
      case '0':
        this.#handshake = JSON.parse(content) as Handshake;
        this.#expectPing();
        this.#handlers.onOpen();
        break;
      case '1':
        this.#end();
        break;
      case '2':
        this.#transport?.send('3');
        this.#expectPing();
        break;
      case '4':
        this.#handlers.onMessage(content);
        break;
    }
  }

  #expectPing(): void {
    clearTimeout(this.#heartbeat);
    if (this.#handshake) {
      this.#heartbeat = setTimeout(() => this.#end(), this.#handshake.pingInterval + this.#handshake.pingTimeout);
    }
  }

  #end(): void {
    if (this.#transport) {
      this.close();
      this.#handlers.onClose();
    }
  }
}
