/** The languages of the page: which there are, what a language consists of, and how one is chosen and loaded. */

import { en } from './words/en.js';

/** A language that lacks a key, or has one too many, does not compile. */
export type Words = typeof en;

/** The codes that shut the door, and `OTHER` for those that this page does not know. */
export type ShutCode =
  | 'TOO_EARLY'
  | 'WINDOW_CLOSED'
  | 'PAYMENT_PENDING'
  | 'PAYMENT_FAILED'
  | 'PAYMENT_REFUNDED'
  | 'SESSION_NOT_CONFIRMED'
  | 'SESSION_CANCELLED'
  | 'SESSION_DECLINED'
  | 'SESSION_COMPLETED'
  | 'AUTHENTICATION_FAILED'
  | 'PERMISSION_DENIED'
  | 'SESSION_NOT_FOUND'
  | 'ROOM_NOT_FOUND'
  | 'ROOM_FULL'
  | 'CONNECTION_TIMEOUT'
  | 'RATE_LIMIT_EXCEEDED'
  | 'NETWORK_UNREACHABLE'
  | 'SERVICE_UNAVAILABLE'
  | 'OTHER';

export interface RefusalWords {
  title: string;
  /** `from` says when with its preposition, `until` without. */
  text: (facts: { from: string; until: string; code: string }) => string;
}

export type LanguageCode = 'en' | 'de' | 'fr' | 'es' | 'pt' | 'ar';

/** A language as it is shown: its words, and the locale that dates and numbers follow. */
export interface Language {
  code: LanguageCode;
  /** `de-AT` for somebody from Austria, though the words are those of `de`. */
  locale: string;
  direction: 'ltr' | 'rtl';
  words: Words;
  /** The browser's own when left out. */
  timeZone?: string;
}

const LOADERS: Readonly<Record<LanguageCode, () => Promise<Words>>> = {
  en: () => Promise.resolve(en),
  de: () => import('./words/de.js').then(({ de }) => de),
  fr: () => import('./words/fr.js').then(({ fr }) => fr),
  es: () => import('./words/es.js').then(({ es }) => es),
  pt: () => import('./words/pt.js').then(({ pt }) => pt),
  ar: () => import('./words/ar.js').then(({ ar }) => ar),
};

export const LANGUAGES = Object.keys(LOADERS) as LanguageCode[];

/** What the list of languages shows: each in its own words, without loading it. */
export const LANGUAGE_NAMES: Readonly<Record<LanguageCode, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  ar: 'العربية',
};

export const ENGLISH: Language = { code: 'en', locale: 'en', direction: 'ltr', words: en };

/** The first wish that is among `offered`, with the region that the wishes give it; the first that is offered otherwise. */
export function chooseLanguage(wishes: readonly string[], offered: readonly LanguageCode[]): { code: LanguageCode; locale: string } {
  const wished = wishes.map(codeOf).find((wish) => offered.some((one) => one === wish)) as LanguageCode | undefined;
  const chosen = wished ?? offered[0] ?? 'en';
  // Where only a language was wished for, an earlier wish for one of its regions says more.
  const locale = wishes.find((wish) => codeOf(wish) === chosen && wish.includes('-')) ?? chosen;
  return { code: chosen, locale };
}

/** Falls back to English when the words cannot be fetched: a page in the wrong language beats none. */
export async function loadLanguage({ code, locale }: { code: LanguageCode; locale: string }): Promise<Language> {
  try {
    const words = await LOADERS[code]();
    return { code, locale: usableLocale(locale, code), direction: code === 'ar' ? 'rtl' : 'ltr', words };
  } catch {
    return ENGLISH;
  }
}

function codeOf(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? '';
}

/** Whatever a browser or an attribute says, the formatters must accept it. */
function usableLocale(locale: string, code: LanguageCode): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? code;
  } catch {
    return code;
  }
}
