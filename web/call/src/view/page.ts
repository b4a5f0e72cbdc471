/** Which of the three views is seen, and where the keyboard is when it changes. */

import type { VisitState } from '@holdspace/client';
import { element } from './elements.js';

type ViewName = 'door' | 'call' | 'outcome';

const VIEWS: Readonly<Record<VisitState['name'], ViewName>> = {
  idle: 'door',
  checking: 'door',
  waiting: 'door',
  ready: 'door',
  connecting: 'door',
  'in-call': 'call',
  recovering: 'call',
  ended: 'outcome',
  refused: 'door',
};

let shown: ViewName = 'door';

export function showView(state: VisitState): void {
  document.documentElement.dataset['state'] = state.name;
  const view = VIEWS[state.name];
  if (view === shown) {
    return;
  }
  shown = view;
  for (const name of ['door', 'call', 'outcome'] as const) {
    element(name).hidden = name !== view;
  }
  element(`${view}-title`).focus();
}
