/** The view after the call: what happened, what was recorded, and the way back. */

import type { Outcome } from '../words.js';
import { element, setNotice, setText } from './elements.js';

export function bindOutcome(rejoin: () => void): void {
  element('rejoin').addEventListener('click', rejoin);
}

export function showOutcome({ title, text, record, canRejoin }: Outcome): void {
  setText(element('outcome-title'), title);
  setText(element('outcome-text'), text);
  setNotice(element('outcome-record'), record);
  element('rejoin').hidden = !canRejoin;
}
