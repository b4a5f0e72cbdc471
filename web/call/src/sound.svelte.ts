/** The elements that sound comes out of: through the loudspeaker that was chosen, and past browsers that keep it back. */

export class Sound {
  /** The browser waits for the person to do something before it lets the sound out. */
  isKeptBack = $state.raw(false);
  readonly #elements = new Set<HTMLMediaElement>();
  #loudspeakerId = '';

  /** Plays what is shown in `element` until the returned function is called. */
  play(element: HTMLMediaElement): () => void {
    // A browser that pauses a call by itself leaves it so; here it is noticed when the sound is kept back.
    const goOn = () => this.#start(element);
    element.addEventListener('pause', goOn);
    this.#elements.add(element);
    this.#start(element);
    this.#route(element);
    return () => {
      element.removeEventListener('pause', goOn);
      this.#elements.delete(element);
    };
  }

  /** After a click the browser lets the sound through. */
  release(): void {
    this.isKeptBack = false;
    this.#elements.forEach((element) => this.#start(element));
  }

  /** Null for the system's choice. */
  useLoudspeaker(deviceId: string | null): void {
    this.#loudspeakerId = deviceId ?? '';
    this.#elements.forEach((element) => this.#route(element));
  }

  #start(element: HTMLMediaElement): void {
    element.play().catch((cause: unknown) => {
      if (cause instanceof Error && cause.name === 'NotAllowedError') {
        this.isKeptBack = true;
      }
    });
  }

  #route(element: HTMLMediaElement): void {
    // Not every browser lets a page choose; one that is gone leaves the system's choice.
    if ('setSinkId' in element && element.sinkId !== this.#loudspeakerId) {
      element.setSinkId(this.#loudspeakerId).catch(() => undefined);
    }
  }
}
