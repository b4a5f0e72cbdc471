// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { cleanAddress, handOver, readLink, takeOver } from '../src/link.js';

const SESSION = '507f1f77bcf86cd799439011';
const handover = { token: 'a.b.c', resumeToken: 'resume', isInCall: true, microphone: false, camera: true };

describe('readLink', () => {
  it.each([
    [`#session=${SESSION}&token=a.b-c_d`, { sessionId: SESSION, token: 'a.b-c_d' }],
    [`#token=a.b.c&session=${SESSION}`, { sessionId: SESSION, token: 'a.b.c' }],
    [`#session=${SESSION}`, { sessionId: SESSION, token: null }],
    [`#session=${SESSION}&token=`, { sessionId: SESSION, token: null }],
    ['', null],
    ['#token=a.b.c', null],
  ])('reads %s', (hash, link) => {
    expect(readLink(hash)).toEqual(link);
  });
});

describe('cleanAddress', () => {
  it('leaves the session and takes the token out', () => {
    location.hash = `#session=${SESSION}&token=a.b.c`;
    cleanAddress(SESSION);
    expect(location.hash).toBe(`#session=${SESSION}`);
    expect(location.href).not.toContain('a.b.c');
  });
});

describe('the handover of a tab to itself', () => {
  beforeEach(() => sessionStorage.clear());

  it('is taken once', () => {
    handOver(sessionStorage, SESSION, handover);
    expect(takeOver(sessionStorage, SESSION)).toEqual(handover);
    expect(takeOver(sessionStorage, SESSION)).toBeNull();
    expect(sessionStorage.length).toBe(0);
  });

  it('belongs to one session', () => {
    handOver(sessionStorage, SESSION, handover);
    expect(takeOver(sessionStorage, '507f1f77bcf86cd799439099')).toBeNull();
  });

  it.each(['', 'null', '{}', '{"token":7}'])('is not taken from %j', (text) => {
    sessionStorage.setItem(`holdspace:${SESSION}`, text);
    expect(takeOver(sessionStorage, SESSION)).toBeNull();
  });
});
