/** The data channel between two clients of this library. Other clients have none, or one that says nothing. */

import { Emitter } from '../emitter.js';
import { type ChannelMessage, readMessage, writeMessage } from './channel-message.js';

export interface ChannelEvents {
  open: void;
  message: ChannelMessage;
}

/** Agreed beforehand, and far from the numbers that channels of other clients get. */
const LABEL = 'holdspace';
const ID = 100;
/** A path that takes nothing is left to the repair; until then no more than this waits for it. */
const WAITING_BYTES_MAX = 65_536;

export class Channel extends Emitter<ChannelEvents> {
  readonly #channel: RTCDataChannel;
  #isOurs = false;

  constructor(connection: RTCPeerConnection) {
    super();
    this.#channel = connection.createDataChannel(LABEL, { negotiated: true, id: ID });
    this.#channel.onopen = () => this.emit('open', undefined);
    this.#channel.onmessage = ({ data }) => this.#take(data);
  }

  /** The other side has said something that only this library says. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  get isOpen(): boolean {
    return this.#channel.readyState === 'open';
  }

  /** False when it cannot be sent now. What was sent arrives in order, or the connection ends. */
  send(message: ChannelMessage): boolean {
    if (!this.isOpen || this.#channel.bufferedAmount > WAITING_BYTES_MAX) {
      return false;
    }
    this.#channel.send(writeMessage(message));
    return true;
  }

  close(): void {
    this.#channel.onopen = null;
    this.#channel.onmessage = null;
  }

  #take(data: unknown): void {
    const message = readMessage(data);
    if (message) {
      this.#isOurs = true;
      this.emit('message', message);
    }
  }
}
