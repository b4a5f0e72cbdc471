import { describe, expect, it } from 'vitest';
import { afterJoined, afterUserJoined, afterUserLeft, meeting, withChange } from '../src/roster.js';
import type { Participant } from '../src/wire.js';

const participant = (userId: string, socketId = `socket-${userId}`, reconnecting?: boolean): Participant => ({
  socketId,
  userId,
  userName: `Name of ${userId}`,
  userRole: 'client',
  ...(reconnecting === undefined ? {} : { reconnecting }),
});

const roster = afterJoined([], [participant('ann'), participant('ben'), participant('me')], 'me');

describe('the roster', () => {
  it('lists the others in the order of joining', () => {
    expect(roster.map(({ userId }) => userId)).toEqual(['ann', 'ben']);
  });

  it('keeps what is known of those who are still there after a resume', () => {
    const known = withChange(roster, 'ann', { connection: 'connected', switches: { microphone: false, camera: true, screen: false } });
    const after = afterJoined(known, [participant('ann', 'new-socket', true), participant('me'), participant('cas')], 'me');
    expect(after.map(({ userId }) => userId)).toEqual(['ann', 'cas']);
    expect(after[0]).toMatchObject({ socketId: 'new-socket', isReconnecting: true, connection: 'connected', switches: { microphone: false } });
  });

  it('starts anew with whoever joins anew', () => {
    const known = withChange(roster, 'ann', { connection: 'connected' });
    expect(afterUserJoined(known, participant('ann', 'second-tab')).at(-1)).toMatchObject({ userId: 'ann', socketId: 'second-tab', connection: 'new' });
  });

  it('does not drop a person for the departure of an earlier socket', () => {
    const replaced = afterUserJoined(roster, participant('ann', 'second-tab'));
    expect(afterUserLeft(replaced, { userId: 'ann', socketId: 'socket-ann' })).toHaveLength(2);
    expect(afterUserLeft(replaced, { userId: 'ann', socketId: 'second-tab' })).toHaveLength(1);
  });
});

describe('meeting', () => {
  const room = [participant('first'), participant('second')];

  it.each([
    ['the newcomer waits for an offer and gives way', 'second', 'first', false, { isPolite: true, offers: false }],
    ['who was there first offers and insists', 'first', 'second', false, { isPolite: false, offers: true }],
    ['a reloaded newcomer offers, and still gives way', 'second', 'first', true, { isPolite: true, offers: true }],
    ['a reloaded first one offers, and still insists', 'first', 'second', true, { isPolite: false, offers: true }],
  ])('%s', (_, own, other, isReturning, expected) => {
    expect(meeting(room, own, other, isReturning)).toEqual(expected);
  });
});
