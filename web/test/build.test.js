// What no build gets past: a language that is not whole, types of REST that are not the server's, codes that nobody knows.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SERVER_CODES } from '../client/src/error.js';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const OPENAPI = at('../docs/openapi.json');
const COMPILES = { timeout: 60_000 };

it('a build begins with the checks of both parts', () => {
  const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  expect(scripts.build).toMatch(/^npm run check && /);
  expect(scripts.check).toBe('npm run check -w client && npm run check -w call');
});

describe('the languages', () => {
  const GERMAN = at('call/src/words/de.ts');
  const german = readFileSync(GERMAN, 'utf8');
  const KEY = /^ {4}joining: .*\n/m;

  it('are whole', COMPILES, () => {
    expect(german).toMatch(KEY);
    expect(complaints(GERMAN, german)).toEqual([]);
  });

  it('that lack a key do not compile', COMPILES, () => {
    expect(complaints(GERMAN, german.replace(KEY, '')).join('\n')).toMatch(/'joining' is missing/);
  });

  it('that have one too many do not compile', COMPILES, () => {
    expect(complaints(GERMAN, german.replace(KEY, (line) => `${line}    nobodyReads: '',\n`)).join('\n')).toMatch(/'nobodyReads' does not exist/);
  });
});

describe('the types of REST', () => {
  const check = (description) => spawnSync(process.execPath, [at('client/openapi.js'), '--check', description], { encoding: 'utf8' });

  it('are those of the description', () => {
    expect(check(OPENAPI).status).toBe(0);
  });

  it('do not pass when the description has changed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdspace-openapi-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const changed = JSON.parse(readFileSync(OPENAPI, 'utf8'));
    changed.components.schemas.CanJoinView.properties.canJoin = { type: 'string' };
    writeFileSync(join(folder, 'openapi.json'), JSON.stringify(changed));
    const { status, stderr } = check(join(folder, 'openapi.json'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('docs/openapi.json has changed')]);
  });
});

describe('the codes that the library knows', () => {
  /** Said by sockets alone, or before a request has found its endpoint: docs/protocol.md has them, the description of REST has not. */
  const ELSEWHERE = ['CONNECTION_TIMEOUT', 'INVALID_PAYLOAD', 'INVALID_SESSION', 'METHOD_NOT_ALLOWED', 'ROOM_FULL', 'ROOM_NOT_FOUND'];

  it('are those of the description of REST and those that only the protocol has', () => {
    const described = [...readFileSync(OPENAPI, 'utf8').matchAll(/"code": "(\w+)"/g)].map(([, code]) => code);
    expect([...SERVER_CODES].sort()).toEqual([...new Set([...described, ...ELSEWHERE])].sort());
  });

  it('stand in the tables of the protocol, all of them', () => {
    const protocol = readFileSync(at('../docs/protocol.md'), 'utf8');
    expect(SERVER_CODES.filter((code) => !new RegExp(`\\b${code}\\b`).test(protocol))).toEqual([]);
  });
});

/** What the compiler says of the languages while `file` has this text. */
function complaints(file, text) {
  const config = at('call/tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(config, ts.sys.readFile).config, ts.sys, dirname(config));
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version, ...rest) => (name === file ? ts.createSourceFile(name, text, version) : getSourceFile.call(host, name, version, ...rest));
  const program = ts.createProgram([at('call/src/language.ts')], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
