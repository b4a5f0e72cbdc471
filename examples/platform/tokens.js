// Tokens for Holdspace: JWTs that the platform signs with the secret that both share (RFC 7515, RFC 7519).
import { createHmac } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * @param {string} secret `auth.jwt_secret` of the server
 * @param {{ id: string, role: 'client' | 'psychologist' | 'admin', name: string }} user `id`: 24 hex digits
 * @param {number} lifetimeSeconds
 */
export function signToken(secret, { id, role, name }, lifetimeSeconds) {
  const now = Math.floor(Date.now() / 1000);
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: id, role, name, iat: now, exp: now + lifetimeSeconds })}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}
