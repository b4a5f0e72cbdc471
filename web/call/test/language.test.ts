import { describe, expect, it } from 'vitest';
import { LANGUAGES, type LanguageCode, chooseLanguage, loadLanguage } from '../src/language.js';

describe('chooseLanguage', () => {
  it.each<[string[], readonly LanguageCode[], string, string]>([
    [['de-AT', 'en'], LANGUAGES, 'de', 'de-AT'],
    [['nl', 'fr-CH', 'de'], LANGUAGES, 'fr', 'fr-CH'],
    [['de', 'en-GB', 'de-CH'], LANGUAGES, 'de', 'de-CH'],
    [['nl-NL'], LANGUAGES, 'en', 'en'],
    [['de'], ['fr', 'en'], 'fr', 'fr'],
    [[], ['ar', 'en'], 'ar', 'ar'],
    [['PT-br'], LANGUAGES, 'pt', 'PT-br'],
  ])('of %j among %j is %s as %s', (wishes, offered, code, locale) => {
    expect(chooseLanguage(wishes, offered)).toEqual({ code, locale });
  });
});

describe('every language', () => {
  it.each(LANGUAGES)('%s has words for all that the door and the call say', async (code) => {
    const { words, direction, locale } = await loadLanguage({ code, locale: code });
    expect([locale, direction]).toEqual([code, code === 'ar' ? 'rtl' : 'ltr']);
    const empty = leaves(words).filter((text) => text.trim() === '');
    expect(empty).toEqual([]);
  });

  it('takes the locale that formatters know', async () => {
    expect((await loadLanguage({ code: 'de', locale: 'de_what?' })).locale).toBe('de');
  });
});

/** All texts, those made by functions with their arguments filled in. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  if (typeof value === 'function') {
    return [String((value as (...parts: unknown[]) => string)({ from: 'F', until: 'U', code: 'C' }, 'B'))];
  }
  return Object.values(value as object).flatMap(leaves);
}
