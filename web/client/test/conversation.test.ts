import { beforeEach, describe, expect, it } from 'vitest';
import { MESSAGE_CHARACTERS_MAX } from '../src/message.js';
import { Conversation } from '../src/visit/conversation.js';

const me = { userId: 'me', name: 'Me' };
const ann = { userId: 'ann', name: 'Ann' };

let listeners: string[];
let isOpen: boolean;
let sent: string[];
let conversation: Conversation;

beforeEach(() => {
  listeners = ['ann', 'ben'];
  isOpen = true;
  sent = [];
  conversation = new Conversation({
    listeners: () => listeners,
    send: (userId, { text }) => {
      if (isOpen) {
        sent.push(`${userId}: ${text}`);
      }
      return isOpen;
    },
    now: () => new Date(0),
  });
});

const isDelivered = () => conversation.messages.map((message) => message.isDelivered);

describe('a conversation', () => {
  it('tells everybody, and is delivered once all have heard', () => {
    const { id } = conversation.say('Hello', me);
    expect(sent).toEqual(['ann: Hello', 'ben: Hello']);
    conversation.onHeard(id, 'ann');
    conversation.onHeard(id, 'ann');
    expect(isDelivered()).toEqual([false]);
    conversation.onHeard(id, 'ben');
    expect(isDelivered()).toEqual([true]);
  });

  it('sends again, in order, what was not heard', () => {
    isOpen = false;
    const first = conversation.say('One', me);
    conversation.say('Two', me);
    isOpen = true;
    conversation.onOpen('ann');
    expect(sent).toEqual(['ann: One', 'ann: Two']);
    conversation.onHeard(first.id, 'ann');
    conversation.onOpen('ann');
    expect(sent.slice(2)).toEqual(['ann: Two']);
  });

  it('keeps what was said to an empty room for the first who comes, and for nobody after', () => {
    listeners = [];
    const { id } = conversation.say('Anybody there?', me);
    conversation.onOpen('ann');
    conversation.onHeard(id, 'ann');
    conversation.onOpen('ben');
    expect(sent).toEqual(['ann: Anybody there?']);
    expect(isDelivered()).toEqual([true]);
  });

  it('does not wait for those who have left', () => {
    const { id } = conversation.say('Hello', me);
    conversation.onHeard(id, 'ann');
    conversation.onLeft('ben');
    expect(isDelivered()).toEqual([true]);
  });

  it('keeps for the next what nobody has got', () => {
    listeners = ['ann'];
    conversation.say('Hello', me);
    conversation.onLeft('ann');
    expect(isDelivered()).toEqual([false]);
    conversation.onOpen('ben');
    expect(sent).toEqual(['ann: Hello', 'ben: Hello']);
  });

  it('adds what comes twice once', () => {
    conversation.onSaid({ id: 'x-1', text: 'Hi' }, ann);
    conversation.onSaid({ id: 'x-1', text: 'Hi' }, ann);
    conversation.onSaid({ id: 'x-1', text: 'Hi' }, { userId: 'ben', name: 'Ben' });
    expect(conversation.messages.map(({ name, isOwn, isDelivered: has }) => [name, isOwn, has])).toEqual([
      ['Ann', false, true],
      ['Ben', false, true],
    ]);
  });

  it.each(['', ' \n', 'x'.repeat(MESSAGE_CHARACTERS_MAX + 1)])('refuses what is empty or too long', (text) => {
    expect(() => conversation.say(text, me)).toThrow(RangeError);
    expect(conversation.messages).toEqual([]);
  });
});
