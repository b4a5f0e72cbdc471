/** What is written in a visit: each text goes to everybody, again after a break, until they have it. Nothing is stored. */

import { Emitter } from '../emitter.js';
import { MESSAGE_CHARACTERS_MAX, type Message } from '../message.js';

export interface Person {
  userId: string;
  name: string;
}

export interface ConversationOptions {
  /** Those who can be told something. */
  listeners: () => string[];
  /** False when it cannot be sent now: it is sent again when that changes. */
  send: (userId: string, text: { id: string; text: string }) => boolean;
  now: () => Date;
}

export interface ConversationEvents {
  message: Message;
}

/** Older messages are forgotten: a visit has a few dozen. */
const MESSAGES_MAX = 1_000;

export class Conversation extends Emitter<ConversationEvents> {
  readonly #options: ConversationOptions;
  /** Makes the ids of one page differ from those of the page before a reload. */
  readonly #prefix = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  #messages: readonly Message[] = [];
  /** Of each message of one's own that somebody lacks: who. Empty: nobody was there, and the first who comes gets it. */
  readonly #lacking = new Map<string, Set<string>>();
  /** Those of them that somebody has. */
  readonly #reached = new Set<string>();
  #count = 0;

  constructor(options: ConversationOptions) {
    super();
    this.#options = options;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  say(text: string, by: Person): Message {
    if (text.trim() === '' || text.length > MESSAGE_CHARACTERS_MAX) {
      throw new RangeError(`A message has 1 to ${MESSAGE_CHARACTERS_MAX} characters, not ${text.length}.`);
    }
    this.#count += 1;
    const message: Message = { ...by, id: `${this.#prefix}-${this.#count}`, text, at: this.#options.now(), isOwn: true, isDelivered: false };
    const listeners = this.#options.listeners();
    this.#lacking.set(message.id, new Set(listeners));
    this.#add(message);
    listeners.forEach((userId) => this.#options.send(userId, message));
    return message;
  }

  /** One that has come already is heard, but not added. */
  onSaid({ id, text }: { id: string; text: string }, by: Person): void {
    const known = this.#messages.some((message) => message.id === id && message.userId === by.userId);
    if (!known) {
      this.#add({ ...by, id, text, at: this.#options.now(), isOwn: false, isDelivered: true });
    }
  }

  onHeard(id: string, userId: string): void {
    const lacking = this.#lacking.get(id);
    if (lacking?.delete(userId)) {
      this.#reached.add(id);
      this.#deliverIfComplete(id, lacking);
    }
  }

  /** Somebody can be told something: sends what this person lacks, in order. */
  onOpen(userId: string): void {
    for (const { id, text } of this.#messages) {
      const lacking = this.#lacking.get(id);
      if (lacking?.size === 0) {
        lacking.add(userId);
      }
      if (lacking?.has(userId)) {
        this.#options.send(userId, { id, text });
      }
    }
  }

  /** Somebody has left for good: nobody waits for this person. What nobody else has got waits for the next who comes. */
  onLeft(userId: string): void {
    for (const [id, lacking] of this.#lacking) {
      if (lacking.delete(userId)) {
        this.#deliverIfComplete(id, lacking);
      }
    }
  }

  #deliverIfComplete(id: string, lacking: ReadonlySet<string>): void {
    if (lacking.size > 0 || !this.#reached.has(id)) {
      return;
    }
    this.#lacking.delete(id);
    this.#reached.delete(id);
    const message = this.#messages.find((one) => one.id === id && one.isOwn);
    if (message) {
      const delivered = { ...message, isDelivered: true };
      this.#messages = this.#messages.map((one) => (one === message ? delivered : one));
      this.emit('message', delivered);
    }
  }

  #add(message: Message): void {
    this.#messages = [...this.#messages, message].slice(-MESSAGES_MAX);
    this.emit('message', message);
  }
}
