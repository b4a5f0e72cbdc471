/** The packets of Socket.IO 5 in the namespace `/`, as text. Pure. No event of this protocol carries binary data. */

export type Packet =
  | { type: 'connect'; data: unknown }
  | { type: 'disconnect' }
  | { type: 'event'; name: string; payload: unknown }
  | { type: 'acknowledgement'; id: number; payload: unknown }
  | { type: 'connect-error'; data: unknown };

export const DISCONNECT = '1';

export function writeConnect(auth: object): string {
  return `0${JSON.stringify(auth)}`;
}

/** With an `id` the server acknowledges the event under that number. */
export function writeEvent(name: string, payload: unknown, id: number | null): string {
  return `2${id ?? ''}${JSON.stringify([name, payload])}`;
}

/** Null for what is no packet, or one that this client has no use for. */
export function readPacket(text: string): Packet | null {
  const [, type, id, json] = /^(\d)(\d*)(.*)$/s.exec(text) ?? [];
  const data = parse(json ?? '');
  switch (type) {
    case '0':
      return { type: 'connect', data };
    case '1':
      return { type: 'disconnect' };
    case '2':
      return Array.isArray(data) && typeof data[0] === 'string' ? { type: 'event', name: data[0], payload: data[1] } : null;
    case '3':
      return Array.isArray(data) && id !== '' ? { type: 'acknowledgement', id: Number(id), payload: data[0] } : null;
    case '4':
      return { type: 'connect-error', data };
    default:
      return null;
  }
}

function parse(json: string): unknown {
  try {
    return json === '' ? undefined : (JSON.parse(json) as unknown);
  } catch {
    return undefined;
  }
}
