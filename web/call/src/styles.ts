/** The style sheet of every element, made once. A sheet that is adopted needs no leave from a policy that forbids inline styles. */

import after from './style/after.css?inline';
import base from './style/base.css?inline';
import before from './style/before.css?inline';
import call from './style/call.css?inline';
import form from './style/form.css?inline';
import panel from './style/panel.css?inline';
import stage from './style/stage.css?inline';

let sheet: CSSStyleSheet | undefined;

export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([base, form, before, call, stage, panel, after].join('\n'));
  }
  return sheet;
}
