/** `<holdspace-call>`: the whole visit, from the door to the end, in one element that any page can hold. */

import { Devices, type Roster, Visit, type VisitState, readIdentity } from '@holdspace/client';
import { mount, unmount } from 'svelte';
import { type Branding, PLAIN } from './branding.js';
import { keepLanguage, readDevices, readLanguage } from './choices.js';
import { type Language, type LanguageCode, chooseLanguage, loadLanguage } from './language.js';
import { Model, type Rating } from './model.svelte.js';
import { keepPlace, takePlace } from './place.js';
import Root from './Root.svelte';
import { styles } from './styles.js';

/** What a page can hand to the element that takes its place after a reload. */
export interface Handover {
  token: string;
  resumeToken: string | null;
  isInCall: boolean;
  microphone: boolean;
  camera: boolean;
}

const OBSERVED = ['server', 'session', 'token', 'lang', 'rating', 'support-text', 'support-phone'] as const;
const PLATFORM = ['support-text', 'support-phone'];
/** The one visit that an attribute is about begins anew when it changes. */
const VISIT = ['server', 'session', 'token'];
/** Doors that stay shut because the visit is over. */
const OVER = ['SESSION_COMPLETED', 'WINDOW_CLOSED'];

export class HoldspaceCall extends HTMLElement {
  static readonly observedAttributes = OBSERVED;
  /** Where the server is, for elements that do not say. */
  static defaultServer = new URL('/', document.baseURI).href;
  /** Where elements keep their places while their page is loaded anew; null where that page sees to it itself. */
  static placeStorage: Storage | null = null;

  /** Asked for a new token when the present one is about to expire or is refused. */
  renewToken: (() => Promise<string>) | null = null;
  /** Taken at the start of the visit, then forgotten. */
  handedOver: Handover | null = null;
  readonly #root = this.attachShadow({ mode: 'open' });
  #branding: Branding = PLAIN;
  #running: { sessionId: string; visit: Visit; devices: Devices; model: Model; token: string; component: Promise<object> } | null = null;
  #language: Promise<Language> | null = null;
  #peopleTold = '[]';
  #willStart = false;
  #leaving: AbortController | null = null;

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [styles()];
    // Attributes that were there before count too.
    this.branding = this.#branding;
    this.#leaving ??= this.#watchLeaving();
    this.#restart();
  }

  /** An element that is only moved within its page keeps its visit. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (!this.isConnected) {
        this.#leaving?.abort();
        this.#leaving = null;
        this.#stop();
      }
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) {
      return;
    }
    if (VISIT.includes(name)) {
      this.#stop();
      this.#restart();
    } else if (name === 'lang') {
      void this.#showLanguage();
    } else if (PLATFORM.includes(name)) {
      this.branding = this.#branding;
    } else if (this.#running) {
      this.#running.model.asksForRating = this.hasAttribute('rating');
    }
  }

  /** The visit of the client library; null before there is one. */
  get visit(): Visit | null {
    return this.#running?.visit ?? null;
  }

  /** The name of the present state: `ready`, `in-call` … */
  get state(): VisitState['name'] {
    return this.#running?.visit.state.name ?? 'idle';
  }

  get branding(): Branding {
    return this.#branding;
  }

  set branding(branding: Branding) {
    const phone = this.getAttribute('support-phone');
    const supportLine = phone === null ? branding.supportLine : { phone, text: this.getAttribute('support-text') ?? '' };
    this.#branding = { ...branding, supportLine };
    if (this.#running) {
      this.#running.model.branding = this.#branding;
    }
  }

  /**
   * What a page that is being left keeps for the one that takes its place; null once the person has hung up or the visit is
   * over: a browser does not tell a reload from a farewell, and nothing is to stay behind.
   */
  get handover(): Handover | null {
    if (!this.#running) {
      return null;
    }
    const { visit, devices, token } = this.#running;
    const { state } = visit;
    if (state.name === 'ended' || (state.name === 'refused' && OVER.includes(state.refusal.code))) {
      return null;
    }
    const { microphone, camera } = devices.state;
    const isInCall = state.name === 'in-call' || state.name === 'recovering';
    return { token, resumeToken: visit.resumeToken, isInCall, microphone: microphone.isOn, camera: camera.isOn };
  }

  async setLanguage(code: LanguageCode): Promise<void> {
    keepLanguage(code);
    await this.#show(loadLanguage(chooseLanguage([code, ...navigator.languages], [code])));
  }

  /** Once, however many attributes change in one go. */
  #restart(): void {
    if (this.#willStart) {
      return;
    }
    this.#willStart = true;
    queueMicrotask(() => {
      this.#willStart = false;
      const [session, token] = [this.getAttribute('session'), this.getAttribute('token')];
      if (this.isConnected && !this.#running && session !== null && token !== null) {
        this.#start(session, token);
      }
    });
  }

  #start(sessionId: string, token: string): void {
    const before = this.handedOver ?? this.#takePlace(sessionId, token);
    this.handedOver = null;
    const chosen = readDevices();
    const devices = new Devices({
      microphone: before?.microphone ?? true,
      camera: before?.camera ?? true,
      microphoneId: chosen.microphone ?? null,
      cameraId: chosen.camera ?? null,
      loudspeakerId: chosen.loudspeaker ?? null,
    });
    const visit = new Visit({
      baseUrl: new URL(this.getAttribute('server') ?? HoldspaceCall.defaultServer, document.baseURI).href,
      sessionId,
      token,
      resumeToken: before?.resumeToken ?? null,
      devices,
      ...(this.renewToken ? { renewToken: () => this.#renew() } : {}),
    });
    let joinsAtOnce = before?.isInCall ?? false;
    let opening = Promise.resolve();
    const model = new Model(visit, this, {
      setLanguage: (code) => void this.setLanguage(code),
      rate: (rating) => this.#tell('rated', { rating } satisfies { rating: Rating }),
      rejoin: () => {
        joinsAtOnce = true;
        void visit.open();
      },
    });
    model.branding = this.#branding;
    model.asksForRating = this.hasAttribute('rating');
    // In the words of the person from the first moment on.
    const component = this.#showLanguage(model).then(() => mount(Root, { target: this.#root, props: { model } }));
    this.#running = { sessionId, visit, devices, model, token, component };

    visit.on('session', () => this.#tell('heading', { text: model.heading }));
    visit.on('roster', (roster) => this.#tellPeople(roster));
    visit.on('state', (state) => {
      this.#onState(state, visit);
      opening = this.#openDevices(state, devices) ?? opening;
      if (state.name === 'ready' && joinsAtOnce) {
        joinsAtOnce = false;
        void opening.then(() => visit.join());
      }
    });
    void visit.open();
  }

  #watchLeaving(): AbortController {
    const watching = new AbortController();
    const { signal } = watching;
    addEventListener('pagehide', () => this.#keepPlace(), { signal });
    // A page that comes back from the browser's cache has never given its place up.
    addEventListener('pageshow', ({ persisted }) => persisted && this.#running && this.#takePlace(this.#running.sessionId, this.#running.token), { signal });
    return watching;
  }

  #keepPlace(): void {
    const { handover } = this;
    const userId = this.#running?.visit.userId;
    if (HoldspaceCall.placeStorage && this.#running && handover?.isInCall && userId) {
      const { resumeToken, microphone, camera } = handover;
      keepPlace(HoldspaceCall.placeStorage, this.#running.sessionId, { userId, resumeToken, microphone, camera });
    }
  }

  #takePlace(sessionId: string, token: string): Handover | null {
    const { placeStorage } = HoldspaceCall;
    const place = placeStorage && takePlace(placeStorage, sessionId, readIdentity(token)?.id ?? null);
    return place && { ...place, token, isInCall: true };
  }

  /** Nobody is asked for a camera at a door that stays shut, and nobody is filmed behind it. */
  #openDevices(state: VisitState, devices: Devices): Promise<void> | null {
    const isUsed = (['waiting', 'ready', 'connecting', 'in-call', 'recovering'] as string[]).includes(state.name);
    if (isUsed && devices.state.microphone.status === 'closed' && devices.state.camera.status === 'closed') {
      return devices.open();
    }
    if (state.name === 'ended' || state.name === 'refused') {
      devices.close();
    }
    return null;
  }

  #onState(state: VisitState, visit: Visit): void {
    this.dataset['state'] = state.name;
    const refusal = 'refusal' in state ? state.refusal : 'hold' in state ? state.hold : null;
    this.#tell('state', { state: state.name, code: refusal?.code ?? null });
    if (state.name === 'ended') {
      const { startedAt, endedAt, minutes } = visit.times;
      this.#tell('ended', { cause: state.cause, startedAt: startedAt?.toISOString() ?? null, endedAt: endedAt?.toISOString() ?? null, minutes });
    }
  }

  /** The roster changes with every measurement; who is there, seldom. */
  #tellPeople(roster: Roster): void {
    const people = roster.map(({ userId, name, role }) => ({ userId, name, role }));
    const key = JSON.stringify(people);
    if (key !== this.#peopleTold) {
      this.#peopleTold = key;
      this.#tell('people', { people });
    }
  }

  /** A reload needs the newest. */
  async #renew(): Promise<string> {
    const token = (await this.renewToken?.()) ?? '';
    if (this.#running) {
      this.#running.token = token;
    }
    return token;
  }

  /** What the attribute says, else what was chosen before, else what the browser wishes. */
  #showLanguage(model = this.#running?.model): Promise<void> {
    const given = this.getAttribute('lang') || readLanguage();
    const { languages } = this.#branding;
    return this.#show(loadLanguage(chooseLanguage([...(given ? [given] : []), ...navigator.languages], languages)), model);
  }

  async #show(loading: Promise<Language>, model = this.#running?.model): Promise<void> {
    this.#language = loading;
    const language = await loading;
    // Somebody who chooses twice wants the second.
    if (this.#language === loading && model) {
      model.language = language;
      this.#tell('language', { code: language.code, direction: language.direction });
      this.#tell('heading', { text: model.heading });
    }
  }

  #tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(`holdspace-${name}`, { detail, bubbles: true, composed: true }));
  }

  #stop(): void {
    const running = this.#running;
    this.#running = null;
    if (running) {
      running.model.stop();
      running.visit.close();
      running.devices.close();
      void running.component.then((component) => unmount(component));
    }
  }
}
