/** What the server's configuration says to its page: `config.json` beside it. */

import { type Branding, inkOn } from './branding.js';
import { LANGUAGES, type LanguageCode } from './language.js';

export interface PageConfig {
  branding: Branding;
  /** Where the API is. */
  apiUrl: string;
  /** Colours by the name of their variable without its `--holdspace-`: `accent`. */
  colours: Readonly<Record<string, string>>;
  /** The origins that may frame the page, and that it talks to. */
  frameAncestors: readonly string[];
}

/** A server that has nothing to say, or says it wrongly, gets the plain page. */
export async function fetchConfig(url: string): Promise<PageConfig> {
  try {
    // As the document preloads it: with other credentials it would be loaded twice.
    const response = await fetch(url);
    return readConfig(response.ok ? await response.json() : null, url);
  } catch {
    return readConfig(null, url);
  }
}

/** Addresses in it are relative to `url`, its own. */
export function readConfig(value: unknown, url: string): PageConfig {
  const fields = asObject(value);
  const support = asObject(fields['supportLine']);
  const logoUrl = asString(fields['logoUrl']);
  const offered = asStrings(fields['languages']).filter((code) => LANGUAGES.some((one) => one === code)) as LanguageCode[];
  return {
    branding: {
      name: asString(fields['name']),
      logoUrl: logoUrl && new URL(logoUrl, url).href,
      supportLine: asString(support['phone']) ? { text: asString(support['text']) ?? '', phone: String(support['phone']) } : null,
      languages: offered.length > 0 ? offered : LANGUAGES,
    },
    apiUrl: new URL(asString(fields['apiUrl']) ?? '..', url).href,
    colours: Object.fromEntries(Object.entries(asObject(fields['colours'])).filter(([, colour]) => /^#[0-9a-f]{6}$/i.test(String(colour)))) as Record<string, string>,
    frameAncestors: asStrings(fields['frameAncestors']).filter((origin) => /^https?:\/\//.test(origin)),
  };
}

/** What lies on a configured colour must be readable, whatever the colour is. */
export function variablesOf(colours: PageConfig['colours']): [name: string, value: string][] {
  const { accent, danger } = colours;
  const inks = { ...(accent ? { onAccent: inkOn(accent) } : {}), ...(danger ? { onDanger: inkOn(danger) } : {}) };
  return Object.entries({ ...inks, ...colours }).map(([name, value]) => [`--holdspace-${kebab(name)}`, value]);
}

/** Configured grounds are light or dark by day and night alike, and the rest must go with them. */
export function themeOf({ background, surface }: PageConfig['colours']): 'light' | 'dark' | null {
  const ground = background ?? surface;
  return ground === undefined ? null : inkOn(ground) === '#000000' ? 'light' : 'dark';
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asString(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function asStrings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
