/** The others: one picture each, in the order of joining. */

import type { Companion, Roster } from '@holdspace/client';
import { sayCaption, sayTile } from '../words.js';
import { setText } from './elements.js';

interface Tile {
  root: HTMLElement;
  video: HTMLVideoElement;
  note: HTMLElement;
  caption: HTMLElement;
  hasPicture: boolean;
}

export class Stage {
  readonly #tiles = new Map<string, Tile>();
  #roster: Roster = [];

  constructor(
    private readonly root: HTMLElement,
    /** Told whether the browser keeps the sound back until the person does something. */
    private readonly onSilence: (isSilent: boolean) => void,
  ) {}

  show(roster: Roster): void {
    this.#roster = roster;
    for (const [userId, tile] of this.#tiles) {
      if (!roster.some((one) => one.userId === userId)) {
        tile.root.remove();
        this.#tiles.delete(userId);
      }
    }
    for (const companion of roster) {
      this.#refresh(companion);
    }
  }

  /** A new track takes the place of an earlier one of its kind. */
  addTrack(userId: string, track: MediaStreamTrack): void {
    const tile = this.#tile(userId);
    const current = tile.video.srcObject instanceof MediaStream ? tile.video.srcObject.getTracks() : [];
    tile.video.srcObject = new MediaStream([...current.filter(({ kind }) => kind !== track.kind), track]);
    if (track.kind === 'video') {
      this.#awaitFrame(userId, tile);
    }
    this.#play(tile.video);
  }

  /** After a click the browser lets the sound through. */
  playAll(): void {
    this.onSilence(false);
    this.#tiles.forEach(({ video }) => this.#play(video));
  }

  #play(video: HTMLVideoElement): void {
    video.play().catch((cause: unknown) => {
      if (cause instanceof Error && cause.name === 'NotAllowedError') {
        this.onSilence(true);
      }
    });
  }

  #awaitFrame(userId: string, tile: Tile): void {
    tile.hasPicture = false;
    tile.video.requestVideoFrameCallback(() => {
      performance.mark('holdspace:first-remote-frame');
      tile.hasPicture = true;
      this.#roster.filter((one) => one.userId === userId).forEach((companion) => this.#refresh(companion));
    });
  }

  #refresh(companion: Companion): void {
    const tile = this.#tile(companion.userId);
    const words = sayTile(companion, tile.hasPicture);
    setText(tile.caption, sayCaption(companion));
    setText(tile.note, words);
    tile.video.setAttribute('aria-label', `Picture of ${companion.name}`);
    tile.root.classList.toggle('is-dimmed', companion.isReconnecting || companion.connection === 'disconnected');
    tile.root.classList.toggle('has-no-picture', words !== '' && !companion.isReconnecting);
    tile.root.dataset['connection'] = companion.connection;
  }

  #tile(userId: string): Tile {
    const known = this.#tiles.get(userId);
    if (known) {
      return known;
    }
    const tile: Tile = {
      root: document.createElement('figure'),
      video: document.createElement('video'),
      note: document.createElement('p'),
      caption: document.createElement('figcaption'),
      hasPicture: false,
    };
    tile.root.className = 'tile';
    tile.root.dataset['testid'] = 'tile';
    tile.root.dataset['user'] = userId;
    tile.video.dataset['testid'] = 'remote-video';
    tile.video.autoplay = true;
    tile.video.playsInline = true;
    tile.note.className = 'note';
    tile.root.append(tile.video, tile.note, tile.caption);
    this.root.append(tile.root);
    this.#tiles.set(userId, tile);
    return tile;
  }
}
