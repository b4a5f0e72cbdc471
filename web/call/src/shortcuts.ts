/** Keys that do something during a call. They can be switched off (WCAG 2.1.4), and never take a key from a field. */

export type ShortcutName = 'microphone' | 'camera' | 'chat' | 'share' | 'pictureInPicture' | 'fullScreen' | 'help';

export const SHORTCUTS: Readonly<Record<ShortcutName, string>> = {
  microphone: 'M',
  camera: 'V',
  chat: 'C',
  share: 'S',
  pictureInPicture: 'P',
  fullScreen: 'F',
  help: '?',
};

interface Press {
  key: string;
  /** The physical key: what is under `M` has another letter on an Arabic keyboard. */
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}

/** What a key press means; null when nothing. */
export function shortcutOf(press: Press): ShortcutName | null {
  if (press.ctrlKey || press.altKey || press.metaKey || press.repeat) {
    return null;
  }
  const letter = /^[a-z]$/i.test(press.key) || press.key === '?' ? press.key.toUpperCase() : press.code.replace(/^Key/, '');
  const names = Object.keys(SHORTCUTS) as ShortcutName[];
  return names.find((name) => SHORTCUTS[name] === letter) ?? null;
}

/** Whether a key pressed here belongs to what has the focus. */
export function isTyping(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}
