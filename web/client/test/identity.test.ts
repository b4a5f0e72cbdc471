import { describe, expect, it } from 'vitest';
import { readIdentity } from '../src/identity.js';

const ID = '507f1f77bcf86cd799439012';
const OTHER = '507f1f77bcf86cd799439013';

const token = (claims: unknown) => {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const payload = btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `e30.${payload}.signature`;
};

describe('readIdentity', () => {
  it.each([
    ['sub', { sub: ID, role: 'client', name: 'Zoë Ångström' }, { id: ID, role: 'client', name: 'Zoë Ångström' }],
    ['user.id', { user: { id: ID, role: 'psychologist', name: 'Dr. Smith' } }, { id: ID, role: 'psychologist', name: 'Dr. Smith' }],
    ['userId', { userId: ID }, { id: ID, role: null, name: null }],
    ['id', { id: ID.toUpperCase() }, { id: ID, role: null, name: null }],
    ['the first of several', { id: OTHER, sub: ID }, { id: ID, role: null, name: null }],
  ])('finds the id in %s', (_, claims, identity) => {
    expect(readIdentity(token(claims))).toEqual(identity);
  });

  it.each([
    ['nothing', ''],
    ['no token', 'not a token'],
    ['no JSON', 'e30.####.x'],
    ['no id', token({ role: 'client' })],
    ['an id of another form', token({ sub: 'root' })],
    ['a null', token(null)],
  ])('finds nobody in %s', (_, text) => {
    expect(readIdentity(text)).toBeNull();
  });

  it('does not believe in unknown roles', () => {
    expect(readIdentity(token({ sub: ID, role: 'owner' }))?.role).toBeNull();
  });
});
