// @vitest-environment happy-dom
import type { Session } from '@holdspace/client';
import { beforeEach, describe, expect, it } from 'vitest';
import html from '../index.html?raw';
import { Door } from '../src/view/door.js';

const place = { locale: 'en-GB', timeZone: 'UTC' };
const now = new Date('2025-12-15T13:30:00Z');
const person = (id: string, name: string) => ({ id, name, email: '' });
const session: Session = {
  id: '507f1f77bcf86cd799439011',
  client: person('c', 'John Doe'),
  psychologist: person('p', 'Dr. Jane Smith'),
  guests: [person('g', 'Sam Doe')],
  sessionDate: '2025-12-15T14:00:00.000Z',
  durationMinutes: 50,
  sessionType: 'Couple',
  status: 'Confirmed',
  paymentStatus: 'Completed',
  roomId: null,
  videoCallStarted: null,
  videoCallEnded: null,
  callDuration: null,
};

const text = (id: string) => document.getElementById(id)?.textContent;
const isShown = (id: string) => document.getElementById(id)?.hidden === false;

let door: Door;
let pressed: string[];

beforeEach(() => {
  document.body.innerHTML = html.slice(html.indexOf('<body>') + 6, html.indexOf('</body>'));
  pressed = [];
  door = new Door({ join: () => pressed.push('join'), lookAgain: () => pressed.push('look again') }, () => now);
});

describe('the door', () => {
  it('says with whom, when and as whom', () => {
    door.showSession(session, 'c', 'John Doe', place);
    expect(text('door-title')).toBe('Your visit with Dr. Jane Smith and Sam Doe');
    expect(text('door-time')).toBe('Today, 14:00 to 14:50');
    expect(text('door-name')?.trim()).toBe('You join as John Doe');
    expect(document.title).toBe('Your visit with Dr. Jane Smith and Sam Doe');
  });

  it('lets nobody press Join before it is open', () => {
    const join = document.getElementById('join') as HTMLButtonElement;
    door.showState({ name: 'checking' });
    expect([join.disabled, join.textContent]).toEqual([true, 'One moment…']);
    door.showState({ name: 'ready' });
    expect([join.disabled, join.textContent]).toEqual([false, 'Join']);
    join.click();
    expect(pressed).toEqual(['join']);
  });

  it('says why it is shut and when it looks again', () => {
    const refusal = { code: 'TOO_EARLY', title: 'You are early', text: 'The door opens at 13:45.', recheckAt: new Date(now.getTime() + 12_000) };
    door.showState({ name: 'waiting', refusal });
    expect(isShown('refusal')).toBe(true);
    expect([text('refusal-title'), text('refusal-text'), text('refusal-countdown')]).toEqual([
      'You are early',
      'The door opens at 13:45.',
      'The door opens in 12 seconds.',
    ]);
    document.getElementById('look-again')?.click();
    expect(pressed).toEqual(['look again']);
    door.showState({ name: 'ready' });
    expect(isShown('refusal')).toBe(false);
  });

  it('has no countdown where time changes nothing', () => {
    door.showState({ name: 'refused', refusal: { code: 'WINDOW_CLOSED', title: 'This visit is over', text: '', recheckAt: null } });
    expect(isShown('refusal-countdown')).toBe(false);
    expect(isShown('join')).toBe(false);
    expect(isShown('look-again')).toBe(true);
  });
});
