/** A Socket.IO 5 client for the one namespace that the server has: connects, connects again, and confirms what is sent. */

import { Emitter } from '../emitter.js';
import { Engine } from './engine.js';
import { DISCONNECT, readPacket, writeConnect, writeEvent } from './packet.js';
import { Patience, reconnectDelayMs } from './patience.js';

export interface SocketOptions {
  endpoint: URL;
  /** Asked at each try, so that it sends the newest tokens. */
  auth: () => object;
}

export interface SocketEvents {
  connect: void;
  /** The server refuses; it is not tried again. `data` is what it says. */
  refused: unknown;
  /** The connection is gone, or could not be made; it is tried again by itself. */
  lost: void;
  /** The server has ended it; it is not tried again. */
  ended: void;
  event: { name: string; payload: unknown };
}

export class Socket extends Emitter<SocketEvents> {
  readonly #options: SocketOptions;
  readonly #patience = new Patience();
  readonly #confirmations = new Map<number, (payload: unknown) => void>();
  #engine: Engine | null = null;
  #id: string | null = null;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count = 0;

  constructor(options: SocketOptions) {
    super();
    this.#options = options;
  }

  /** What the others in the room know one by; null while there is no connection. */
  get id(): string | null {
    return this.#id;
  }

  /** A connection, or a try, or the wait for one. */
  get isActive(): boolean {
    return this.#engine !== null || this.#timer !== undefined;
  }

  connect(): void {
    this.#drop();
    this.#tries = 0;
    this.#try();
  }

  /** Gives the present connection or try up, and connects anew at once. */
  reconnect(): void {
    const wasConnected = this.#id !== null;
    this.connect();
    if (wasConnected) {
      this.emit('lost', undefined);
    }
  }

  /** Tells the server, so that it keeps no place. */
  close(): void {
    if (this.#id !== null) {
      this.#engine?.send(DISCONNECT);
    }
    this.#drop();
  }

  send(name: string, payload: unknown): void {
    this.#engine?.send(writeEvent(name, payload, null));
  }

  /** Resolves with what the server answers; rejects when it does not in `withinMs`. */
  ask(name: string, payload: unknown, withinMs = this.#patience.answerMs): Promise<unknown> {
    this.#count += 1;
    const id = this.#count;
    const sentAtMs = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#confirmations.delete(id);
        reject(new Error(`No answer to ${name}.`));
      }, withinMs);
      this.#confirmations.set(id, (answer) => {
        clearTimeout(timer);
        this.#patience.learnAnswer(performance.now() - sentAtMs);
        resolve(answer);
      });
      this.#engine?.send(writeEvent(name, payload, id));
    });
  }

  #try(): void {
    this.#tries += 1;
    const startedAtMs = performance.now();
    this.#giveUpAfter(this.#patience.openMs(this.#tries));
    this.#engine = new Engine(this.#options.endpoint, {
      onOpen: () => {
        this.#giveUpAfter(this.#patience.connectMs(this.#tries));
        this.#patience.learnConnect(performance.now() - startedAtMs);
        this.#engine?.send(writeConnect(this.#options.auth()));
      },
      onMessage: (message) => this.#take(message),
      onClose: () => this.#onLost(),
    });
  }

  #take(message: string): void {
    const packet = readPacket(message);
    switch (packet?.type) {
      case 'connect':
        this.#clearTimer();
        this.#tries = 0;
        this.#id = String((packet.data as { sid?: unknown } | undefined)?.sid);
        this.emit('connect', undefined);
        break;
      case 'connect-error':
        this.#drop();
        this.emit('refused', (packet.data as { data?: unknown } | undefined)?.data);
        break;
      case 'disconnect':
        this.#drop();
        this.emit('ended', undefined);
        break;
      case 'event':
        this.emit('event', packet);
        break;
      case 'acknowledgement':
        this.#confirmations.get(packet.id)?.(packet.payload);
        this.#confirmations.delete(packet.id);
        break;
    }
  }

  /** A try that has led nowhere has been waited for long enough. */
  #giveUpAfter(milliseconds: number): void {
    this.#clearTimer();
    this.#timer = setTimeout(() => this.#onLost(0), milliseconds);
  }

  #onLost(delayMs = reconnectDelayMs(this.#tries, Math.random())): void {
    this.#drop();
    this.#timer = setTimeout(() => this.#try(), delayMs);
    this.emit('lost', undefined);
  }

  #drop(): void {
    this.#clearTimer();
    this.#id = null;
    this.#engine?.close();
    this.#engine = null;
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
