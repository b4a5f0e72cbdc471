// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { inkOn } from '../src/branding.js';
import { keepDevice, keepLanguage, readDevices, readLanguage } from '../src/choices.js';
import { readConfig, themeOf, variablesOf } from '../src/config.js';
import { nearestCorner } from '../src/drag.js';
import { LANGUAGES } from '../src/language.js';
import { shortcutOf } from '../src/shortcuts.js';

const url = 'https://visits.example.org/video/call/config.json';

describe('the configuration', () => {
  it('is read with addresses of its own', () => {
    const config = readConfig(
      { name: 'Practice', logoUrl: 'logo.svg', apiUrl: '../', supportLine: { text: 'Call us:', phone: '+49 30 1' }, languages: ['de', 'xx', 'en'], colours: { accent: '#2f6f62', text: 'red' }, frameAncestors: ['https://a.example'] },
      url,
    );
    expect(config).toEqual({
      branding: { name: 'Practice', logoUrl: 'https://visits.example.org/video/call/logo.svg', supportLine: { text: 'Call us:', phone: '+49 30 1' }, languages: ['de', 'en'] },
      apiUrl: 'https://visits.example.org/video/',
      colours: { accent: '#2f6f62' },
      frameAncestors: ['https://a.example'],
    });
  });

  it.each([null, 'text', [], { languages: 'de', supportLine: { text: 'x' }, colours: 7, frameAncestors: ['*'] }])('of %j is the plain page', (value) => {
    expect(readConfig(value, url)).toEqual({
      branding: { name: null, logoUrl: null, supportLine: null, languages: LANGUAGES },
      apiUrl: 'https://visits.example.org/video/',
      colours: {},
      frameAncestors: [],
    });
  });

  it('puts readable ink on its colours, and goes with its ground', () => {
    expect(variablesOf({ accent: '#ffe08a' })).toEqual([['--holdspace-on-accent', '#000000'], ['--holdspace-accent', '#ffe08a']]);
    expect(variablesOf({ accent: '#2f6f62', onAccent: '#fffff0' })).toContainEqual(['--holdspace-on-accent', '#fffff0']);
    expect([themeOf({}), themeOf({ background: '#101010' }), themeOf({ surface: '#ffffff' })]).toEqual([null, 'dark', 'light']);
    expect([inkOn('#000000'), inkOn('#ffffff'), inkOn('#1f6f6a')]).toEqual(['#ffffff', '#000000', '#ffffff']);
  });
});

describe('what is kept in the browser', () => {
  beforeEach(() => localStorage.clear());

  it('is the choice of devices and language', () => {
    keepDevice('camera', 'abc');
    keepDevice('microphone', 'def');
    keepDevice('camera', null);
    keepLanguage('fr');
    expect([readDevices(), readLanguage()]).toEqual([{ microphone: 'def' }, 'fr']);
    expect(Object.keys(localStorage).sort()).toEqual(['holdspace:devices', 'holdspace:language']);
  });

  it.each(['', 'null', '[]', '{"camera":7}'])('is not taken from %j', (text) => {
    localStorage.setItem('holdspace:devices', text);
    localStorage.setItem('holdspace:language', 'xx');
    expect([readDevices(), readLanguage()]).toEqual([{}, null]);
  });
});

describe('shortcuts', () => {
  const press = (key: string, more = {}) => ({ key, code: '', ctrlKey: false, altKey: false, metaKey: false, repeat: false, ...more });

  it.each([
    [press('m'), 'microphone'],
    [press('M'), 'microphone'],
    [press('?'), 'help'],
    [press('ة', { code: 'KeyM' }), 'microphone'],
    [press('m', { ctrlKey: true }), null],
    [press('m', { repeat: true }), null],
    [press('x'), null],
    [press('Tab', { code: 'Tab' }), null],
  ])('%j means %s', (pressed, name) => {
    expect(shortcutOf(pressed)).toBe(name);
  });
});

describe('dragging', () => {
  it.each([
    [10, 10, 'top-left'],
    [90, 10, 'top-right'],
    [10, 90, 'bottom-left'],
    [51, 51, 'bottom-right'],
  ])('to %d, %d ends in the corner %s', (clientX, clientY, corner) => {
    expect(nearestCorner({ clientX, clientY }, { left: 0, top: 0, width: 100, height: 100 })).toBe(corner);
  });
});
