/** What a browser's statistics say of one connection at one moment. Pure: the report is an argument. */

/** Counters are totals since the connection began. */
export interface Sample {
  atMs: number;
  roundTripMs: number | null;
  sentBytes: number;
  receivedBytes: number;
  packetsReceived: number;
  packetsLost: number;
  /** Of what one sends, as the other side tells: the share lost since its last report, 0 to 1; the worse of voice and camera. */
  sentLoss: number;
  jitterMs: number;
  /** What the browser believes the path can carry; null where it does not tell. */
  availableKbps: number | null;
  path: 'direct' | 'relayed';
  protocol: 'udp' | 'tcp' | 'tls';
  audioLevel: number;
}

/** A statistics report as a map of plain objects, so that a test can write one. */
export type Report = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

type Entry = Readonly<Record<string, unknown>>;

/** The other side reports about once a second on what it gets; on a picture that is no longer sent it reports no more. */
const REPORT_AGE_MAX_MS = 5_000;

/** Null as long as no path is chosen. */
export function readSample(report: Report, atMs: number): Sample | null {
  const entries = [...report.values()];
  const pair = selectedPair(report, entries);
  if (!pair) {
    return null;
  }
  const incoming = entries.filter(({ type }) => type === 'inbound-rtp');
  const outgoing = entries.filter(({ type, timestamp }) => type === 'remote-inbound-rtp' && !isOld(timestamp, pair['timestamp']));
  const voice = incoming.find(({ kind }) => kind === 'audio');
  const local = report.get(String(pair['localCandidateId']));
  const remote = report.get(String(pair['remoteCandidateId']));
  const available = pair['availableOutgoingBitrate'];
  return {
    atMs,
    roundTripMs: roundTripOf(pair, outgoing),
    sentBytes: numberOf(pair['bytesSent']),
    receivedBytes: numberOf(pair['bytesReceived']),
    packetsReceived: sum(incoming, 'packetsReceived'),
    packetsLost: sum(incoming, 'packetsLost'),
    sentLoss: Math.max(0, ...outgoing.map((entry) => numberOf(entry['fractionLost']))),
    jitterMs: numberOf(voice?.['jitter']) * 1000,
    availableKbps: typeof available === 'number' ? available / 1000 : null,
    path: local?.['candidateType'] === 'relay' || remote?.['candidateType'] === 'relay' ? 'relayed' : 'direct',
    protocol: protocolOf(local),
    audioLevel: numberOf(voice?.['audioLevel']),
  };
}

/** Chromium names it in the transport, Firefox marks the pair. */
function selectedPair(report: Report, entries: readonly Entry[]): Entry | undefined {
  const transport = entries.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  return (
    report.get(String(transport?.['selectedCandidatePairId'])) ??
    entries.find((entry) => entry['type'] === 'candidate-pair' && (entry['selected'] === true || (entry['nominated'] === true && entry['state'] === 'succeeded')))
  );
}

function roundTripOf(pair: Entry, outgoing: readonly Entry[]): number | null {
  const media = outgoing.map(({ roundTripTime }) => roundTripTime).filter((time) => typeof time === 'number');
  const seconds = pair['currentRoundTripTime'] ?? (media.length > 0 ? Math.max(...media) : null);
  return typeof seconds === 'number' ? seconds * 1000 : null;
}

/** To a relay it is the relay's protocol that counts. */
function protocolOf(local: Entry | undefined): Sample['protocol'] {
  const protocol = local?.['candidateType'] === 'relay' ? local['relayProtocol'] : local?.['protocol'];
  return protocol === 'tcp' || protocol === 'tls' ? protocol : 'udp';
}

/** By the browser's own clock, in ms; where it gives no time, nothing is old. */
function isOld(reportedMs: unknown, nowMs: unknown): boolean {
  return typeof reportedMs === 'number' && typeof nowMs === 'number' && nowMs - reportedMs > REPORT_AGE_MAX_MS;
}

function sum(entries: readonly Entry[], name: string): number {
  return entries.reduce((total, entry) => total + numberOf(entry[name]), 0);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
