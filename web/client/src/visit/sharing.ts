/** One's own screen, while it is shared. */

import { Emitter } from '../emitter.js';

export interface SharingEvents {
  screen: MediaStream | null;
}

const WISHES: DisplayMediaStreamOptions = { video: { frameRate: { max: 15 } }, audio: false };

export class Sharing extends Emitter<SharingEvents> {
  #screen: MediaStream | null = null;
  /** How often it was stopped: whoever is asked meanwhile may answer too late. */
  #stops = 0;

  get screen(): MediaStream | null {
    return this.#screen;
  }

  /** Asks the person what to share. Rejects with the browser's error. Stopped while the browser asked, it shares nothing. */
  async start(): Promise<void> {
    const stops = this.#stops;
    const stream = await navigator.mediaDevices.getDisplayMedia(WISHES);
    if (stops !== this.#stops) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this.#letGo();
    const [track] = stream.getVideoTracks();
    if (track) {
      // Letters stay sharp when the path is narrow; movement may stutter.
      track.contentHint = 'detail';
      // The browser's own button ends it too.
      track.onended = () => this.stop();
    }
    this.#screen = stream;
    this.emit('screen', stream);
  }

  stop(): void {
    this.#stops += 1;
    if (this.#screen) {
      this.#letGo();
      this.#screen = null;
      this.emit('screen', null);
    }
  }

  #letGo(): void {
    for (const track of this.#screen?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
  }
}
