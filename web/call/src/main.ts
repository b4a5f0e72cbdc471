/** Puts the page together: the link, one visit, one's own devices, and the views that follow them. */

import { type Place, Visit } from '@holdspace/client';
import { Devices } from './devices.js';
import { type Handover, cleanAddress, handOver, readLink, takeOver } from './link.js';
import { CallView } from './view/call.js';
import { Door } from './view/door.js';
import { bindOutcome, showOutcome } from './view/outcome.js';
import { bindSwitches, showDevices } from './view/own.js';
import { showView } from './view/page.js';
import { sayOutcome } from './words.js';

// The page's words are English, so its times are too.
const place: Place = { locale: navigator.language.startsWith('en') ? navigator.language : 'en-GB' };

const link = readLink(location.hash);
const handover = link && takeOver(sessionStorage, link.sessionId);
if (link) {
  cleanAddress(link.sessionId);
}
run(link?.sessionId ?? '', link?.token ?? handover?.token ?? '', link?.token ? null : handover);

function run(sessionId: string, token: string, before: Handover | null): void {
  const visit = new Visit({ baseUrl: new URL('..', location.href).href, sessionId, token, resumeToken: before?.resumeToken ?? null, place });
  const devices = new Devices({ microphone: before?.microphone ?? true, camera: before?.camera ?? true }, (state) => {
    showDevices(state);
    void visit.setTracks(state.tracks, state.switches);
  });
  const call = new CallView({ leave: () => visit.leave(), end: () => void visit.end() }, () => visit.now());
  const door = new Door({ join: () => void visit.join(), lookAgain: () => visit.lookAgain() }, () => visit.now());
  let joinsAtOnce = before?.isInCall ?? false;

  const devicesAsked = devices.open();
  bindSwitches(devices);
  bindOutcome(() => {
    joinsAtOnce = true;
    void visit.open();
  });

  visit.on('session', (session) => {
    door.showSession(session, visit.userId, visit.userName, place);
    call.showSession(session, visit.userId, visit.isPsychologist);
  });
  visit.on('roster', (roster) => call.showRoster(roster));
  visit.on('times', (times) => {
    call.showTimes(times);
    showEnd();
  });
  visit.on('track', ({ userId, track }) => call.addTrack(userId, track));
  visit.on('trouble', (trouble) => call.showPassing(trouble));
  visit.on('state', (state) => {
    door.showState(state);
    call.showState(state);
    showEnd();
    showView(state);
    if (state.name === 'ready' && joinsAtOnce) {
      joinsAtOnce = false;
      void devicesAsked.then(() => visit.join());
    }
  });
  void visit.open();

  function showEnd(): void {
    if (visit.state.name === 'ended') {
      showOutcome(sayOutcome(visit.state.cause, visit.times, place));
    }
  }

  addEventListener('pagehide', () => {
    const { microphone, camera } = devices.state.switches;
    const isInCall = visit.state.name === 'in-call' || visit.state.name === 'recovering';
    handOver(sessionStorage, sessionId, { token, resumeToken: visit.resumeToken, isInCall, microphone, camera });
  });
  // A page that comes back from the browser's cache still holds its token in memory.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) {
      takeOver(sessionStorage, sessionId);
    }
  });
  // Another link opened in this tab changes only the fragment, and is a new visit.
  addEventListener('hashchange', () => location.reload());
}
