/** Compares the certificate that a connection is really encrypted with to the one that was signalled (RFC 8122 §5). */

import { toHexadecimal } from './safety.js';

export interface Certificates {
  own: string;
  /** The real one where the browser tells, else the one that was signalled, which it has checked itself. */
  other: string;
  /** Null where the browser does not tell. */
  isAsSignalled: boolean | null;
}

/** Null before both descriptions are set, or without a hash that browsers can make. */
export async function certificatesOf(connection: RTCPeerConnection): Promise<Certificates | null> {
  const own = fingerprintOf(connection.localDescription?.sdp ?? '');
  const signalled = fingerprintOf(connection.remoteDescription?.sdp ?? '');
  if (own === null || signalled === null) {
    return null;
  }
  const real = await realFingerprint(connection, signalled.algorithm);
  return { own: own.value, other: real ?? signalled.value, isAsSignalled: real === null ? null : real === signalled.value };
}

export interface Fingerprint {
  algorithm: string;
  /** Upper case, with colons. */
  value: string;
}

/** The first `a=fingerprint` line: with one bundle there is one certificate a side. */
export function fingerprintOf(sdp: string): Fingerprint | null {
  const [, algorithm, value] = /^a=fingerprint:(\S+) ([0-9a-f:]+)\s*$/im.exec(sdp) ?? [];
  return algorithm && value ? { algorithm: algorithm.toUpperCase(), value: value.toUpperCase() } : null;
}

async function realFingerprint(connection: RTCPeerConnection, algorithm: string): Promise<string | null> {
  return (await fromTransport(connection, algorithm)) ?? (await fromStatistics(connection));
}

async function fromTransport(connection: RTCPeerConnection, algorithm: string): Promise<string | null> {
  const transport = connection.sctp?.transport ?? connection.getSenders().find((sender) => sender.transport)?.transport;
  // Not every browser has it, whatever the types say.
  const [certificate] = transport?.getRemoteCertificates?.() ?? [];
  if (!certificate) {
    return null;
  }
  const digest = await crypto.subtle.digest(algorithm, certificate).catch(() => null);
  return digest && (toHexadecimal(new Uint8Array(digest)).toUpperCase().match(/../g) ?? []).join(':');
}

async function fromStatistics(connection: RTCPeerConnection): Promise<string | null> {
  const report: ReadonlyMap<string, Record<string, unknown>> = new Map(await connection.getStats());
  const transport = [...report.values()].find((entry) => entry['type'] === 'transport');
  const certificate = report.get(String(transport?.['remoteCertificateId']));
  const fingerprint = certificate?.['fingerprint'];
  return typeof fingerprint === 'string' ? fingerprint.toUpperCase() : null;
}
