/** What the screens show: snapshots of the visit, the language, and what only this page knows. They hold no truth of their own. */

import {
  type CallTimes,
  type DeviceKind,
  type DevicesState,
  type Message,
  type Refusal,
  type Roster,
  type Session,
  type Verdict,
  type Visit,
  type VisitState,
} from '@holdspace/client';
import { type Branding, PLAIN } from './branding.js';
import { keepDevice } from './choices.js';
import { ENGLISH, type Language, type LanguageCode } from './language.js';
import type { ShortcutName } from './shortcuts.js';
import { Sound } from './sound.svelte.js';
import { sayChanges, sayHeading } from './say/people.js';
import { findTrouble } from './say/trouble.js';
import { Wakefulness } from './wake.js';

export type Panel = 'chat' | 'safety' | 'settings';
export type Rating = 'bad' | 'okay' | 'great';
export type Corner = `${'top' | 'bottom'}-${'left' | 'right'}`;

export interface ModelActions {
  setLanguage(code: LanguageCode): void;
  rate(rating: Rating): void;
  /** Goes back to the door and through it. */
  rejoin(): void;
}

/** How long something that changes nothing is shown. */
const PASSING_MS = 10_000;
/** Announcements that stay for whoever reads line by line. */
const HEARD_MAX = 5;

export class Model {
  state = $state.raw<VisitState>({ name: 'idle' });
  session = $state.raw<Session | null>(null);
  roster = $state.raw<Roster>([]);
  times = $state.raw<CallTimes>({ startedAt: null, endedAt: null, minutes: null });
  devices = $state.raw<DevicesState>() as DevicesState;
  messages = $state.raw<readonly Message[]>([]);
  screen = $state.raw<MediaStream | null>(null);
  quality = $state.raw<Verdict | null>(null);
  passing = $state.raw<Refusal | null>(null);

  language = $state.raw<Language>(ENGLISH);
  branding = $state.raw<Branding>(PLAIN);
  /** The server's clock, once a second. */
  now = $state.raw<Date>(new Date());
  heard = $state.raw<readonly { id: number; text: string }[]>([]);
  panel = $state.raw<Panel | null>(null);
  corner = $state.raw<Corner>('bottom-right');
  seenMessages = $state.raw(0);
  isAskingToEnd = $state.raw(false);
  isHelpOpen = $state.raw(false);
  hasShortcuts = $state.raw(true);
  isFullScreen = $state.raw(false);
  /** The door that one comes back to takes the focus; the first one leaves it where the page begins. */
  hasBeenInside = $state.raw(false);
  /** Whether somebody wants to know how picture and sound were. */
  asksForRating = $state.raw(false);

  readonly words = $derived(this.language.words);
  readonly heading = $derived(sayHeading(this.session, this.userId, this.language));
  readonly trouble = $derived(findTrouble(this.state, this.roster, this.passing, this.now, this.language));
  readonly unread = $derived(this.panel === 'chat' ? 0 : this.messages.slice(this.seenMessages).filter(({ isOwn }) => !isOwn).length);

  readonly sound = new Sound();
  readonly #wakefulness = new Wakefulness();
  readonly #stops: (() => void)[] = [() => this.#wakefulness.stop()];
  #passingTimer: ReturnType<typeof setTimeout> | undefined;
  #heardCount = 0;

  constructor(
    readonly visit: Visit,
    /** The custom element. */
    readonly host: HTMLElement,
    readonly actions: ModelActions,
  ) {
    this.devices = visit.devices.state;
    this.sound.useLoudspeaker(this.devices.loudspeaker.deviceId);
    this.now = visit.now();
    this.#follow();
  }

  get userId(): string | null {
    return this.visit.userId;
  }

  /** Everything ends with it. */
  stop(): void {
    this.#stops.forEach((stop) => stop());
    clearTimeout(this.#passingTimer);
  }

  /** Says something to those who do not see it. */
  hear(...texts: string[]): void {
    const news = texts.map((text) => ({ id: (this.#heardCount += 1), text }));
    this.heard = [...this.heard, ...news].slice(-HEARD_MAX);
  }

  toggleMicrophone(): void {
    void this.visit.devices.setMicrophone(!this.devices.microphone.isOn);
  }

  toggleCamera(): void {
    void this.visit.devices.setCamera(!this.devices.camera.isOn);
  }

  choose(kind: DeviceKind, deviceId: string | null): void {
    // Only a device that could be had is worth remembering.
    this.visit.devices.choose(kind, deviceId).then(
      () => keepDevice(kind, deviceId),
      (cause: unknown) => console.warn(`The ${kind} could not be changed.`, cause),
    );
  }

  toggleScreen(): void {
    if (this.screen) {
      this.visit.stopSharing();
    } else {
      // Who changes their mind in the browser's dialog has not met an error.
      this.visit.shareScreen().catch((cause: unknown) => console.info('Nothing is shared.', cause));
    }
  }

  togglePanel(panel: Panel): void {
    this.panel = this.panel === panel ? null : panel;
    this.seenMessages = this.messages.length;
  }

  /** Closes the panel and gives the focus back to what opened it. */
  leavePanel(): void {
    const opener = { chat: 'chat', safety: 'safety', settings: 'more' }[this.panel ?? 'settings'];
    this.closePanel();
    this.host.shadowRoot?.querySelector<HTMLElement>(`[data-testid=${opener}]`)?.focus();
  }

  say(text: string): void {
    this.#onMessage(this.visit.say(text));
  }

  run(name: ShortcutName): void {
    const deeds: Record<ShortcutName, () => void> = {
      microphone: () => this.#toggleAloud('microphone'),
      camera: () => this.#toggleAloud('camera'),
      chat: () => this.togglePanel('chat'),
      share: () => this.toggleScreen(),
      pictureInPicture: () => void this.togglePictureInPicture(),
      fullScreen: () => void this.toggleFullScreen(),
      help: () => (this.isHelpOpen = !this.isHelpOpen),
    };
    deeds[name]();
  }

  closePanel(): void {
    this.panel = null;
    this.seenMessages = this.messages.length;
  }

  async toggleFullScreen(): Promise<void> {
    if (this.isFullScreen) {
      await document.exitFullscreen().catch(() => undefined);
    } else {
      await this.host.requestFullscreen().catch(() => undefined);
    }
  }

  async togglePictureInPicture(): Promise<void> {
    if (document.pictureInPictureElement) {
      await document.exitPictureInPicture().catch(() => undefined);
      return;
    }
    const videos = this.host.shadowRoot?.querySelectorAll<HTMLVideoElement>('.tile video') ?? [];
    await [...videos].find(({ videoWidth }) => videoWidth > 0)?.requestPictureInPicture().catch(() => undefined);
  }

  /** A switch says its own state; a key pressed elsewhere says nothing. */
  #toggleAloud(device: 'microphone' | 'camera'): void {
    const { microphoneOn, microphoneOff, cameraOn, cameraOff } = this.words.heard;
    const isOn = !this.devices[device].isOn;
    if (device === 'microphone') {
      this.hear(isOn ? microphoneOn : microphoneOff);
      this.toggleMicrophone();
    } else {
      this.hear(isOn ? cameraOn : cameraOff);
      this.toggleCamera();
    }
  }

  #follow(): void {
    const { visit } = this;
    this.#stops.push(
      visit.on('state', (state) => this.#onState(state)),
      visit.on('session', (session) => (this.session = session)),
      visit.on('roster', (roster) => this.#onRoster(roster)),
      visit.on('times', (times) => (this.times = times)),
      visit.on('devices', (devices) => {
        this.devices = devices;
        this.sound.useLoudspeaker(devices.loudspeaker.deviceId);
      }),
      visit.on('message', (message) => this.#onMessage(message)),
      visit.on('screen', (screen) => this.#onScreen(screen)),
      visit.on('quality', (quality) => (this.quality = quality)),
      visit.on('trouble', (trouble) => this.#onTrouble(trouble)),
    );
    const clock = setInterval(() => (this.now = visit.now()), 1000);
    const onFullScreen = () => (this.isFullScreen = document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', onFullScreen);
    this.#stops.push(
      () => clearInterval(clock),
      () => document.removeEventListener('fullscreenchange', onFullScreen),
    );
  }

  #onState(state: VisitState): void {
    if (this.state.name === 'recovering' && state.name === 'in-call') {
      this.hear(this.words.heard.back);
    }
    this.state = state;
    this.now = this.visit.now();
    this.hasBeenInside ||= state.name === 'in-call';
    this.#wakefulness.set(state.name === 'in-call' || state.name === 'recovering');
    if (state.name === 'ended' || state.name === 'refused') {
      this.isAskingToEnd = false;
      this.isHelpOpen = false;
      this.closePanel();
    }
  }

  #onRoster(roster: Roster): void {
    if (this.state.name === 'in-call') {
      this.hear(...sayChanges(this.roster, roster, this.language));
    }
    this.roster = roster;
  }

  #onMessage(message: Message): void {
    const isNew = !this.messages.some(({ id }) => id === message.id);
    this.messages = this.visit.messages;
    if (isNew && !message.isOwn) {
      this.hear(this.words.heard.message(message.name, message.text));
    }
    if (this.panel === 'chat') {
      this.seenMessages = this.messages.length;
    }
  }

  #onScreen(screen: MediaStream | null): void {
    if ((screen !== null) !== (this.screen !== null)) {
      this.hear(screen ? this.words.heard.sharing : this.words.heard.notSharing);
    }
    this.screen = screen;
  }

  #onTrouble(trouble: Refusal): void {
    this.passing = trouble;
    clearTimeout(this.#passingTimer);
    this.#passingTimer = setTimeout(() => (this.passing = null), PASSING_MS);
  }
}
