/** One's own picture and switches, at the door and in the call alike. */

import type { Devices, DevicesState } from '../devices.js';
import { element, setText, showTrack } from './elements.js';

export function bindSwitches(devices: Devices): void {
  for (const place of ['door', 'call']) {
    element(`${place}-microphone`).addEventListener('click', () => void devices.toggle('microphone'));
    element(`${place}-camera`).addEventListener('click', () => void devices.toggle('camera'));
  }
}

export function showDevices({ tracks, switches, problem, isAsking }: DevicesState): void {
  const note = isAsking ? 'Your browser asks whether this page may use your camera and microphone.' : switches.camera ? '' : 'Your camera is off';
  for (const place of ['door', 'call']) {
    element(`${place}-microphone`).ariaChecked = String(switches.microphone);
    element(`${place}-camera`).ariaChecked = String(switches.camera);
  }
  for (const place of ['door', 'own']) {
    showTrack(element<HTMLVideoElement>(`${place}-video`), tracks.video);
    setText(element(`${place}-picture`), note);
  }
  setText(element('door-devices'), problem);
}
