/** Who a token says that one is. For showing and addressing only: the server alone decides what it is worth. */

import type { Role } from './wire.js';

export interface Identity {
  id: string;
  role: Role | null;
  name: string | null;
}

const USER_ID = /^[0-9a-f]{24}$/i;
const ROLES: readonly string[] = ['client', 'psychologist', 'admin'];

/** Reads the claims in the server's order; null when the token holds no user id. */
export function readIdentity(token: string): Identity | null {
  const claims = readClaims(token);
  const user = asObject(claims['user']);
  const id = [claims['sub'], user['id'], claims['userId'], claims['id']].find((claim) => claim !== undefined);
  if (typeof id !== 'string' || !USER_ID.test(id)) {
    return null;
  }
  const role = claims['role'] ?? user['role'];
  const name = claims['name'] ?? user['name'];
  return {
    id: id.toLowerCase(),
    role: typeof role === 'string' && ROLES.includes(role) ? (role as Role) : null,
    name: typeof name === 'string' ? name : null,
  };
}

function readClaims(token: string): Record<string, unknown> {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return asObject(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
