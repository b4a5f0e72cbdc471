/** Whose page it is: what the server's configuration says about name, logo, colours and where to call for help. */

import { LANGUAGES, type LanguageCode } from './language.js';

export interface SupportLine {
  text: string;
  /** As people read it; `tel:` links drop what is no digit. */
  phone: string;
}

export interface Branding {
  name: string | null;
  logoUrl: string | null;
  supportLine: SupportLine | null;
  /** Those that the menu offers, in this order. */
  languages: readonly LanguageCode[];
}

export const PLAIN: Branding = { name: null, logoUrl: null, supportLine: null, languages: LANGUAGES };

/** Whether black or white is read better on `#rrggbb`: WCAG's relative luminance, at which both contrast alike. */
export function inkOn(colour: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => linear(parseInt(colour.slice(start, start + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
