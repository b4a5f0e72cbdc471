/** Finds the page's own elements, and changes them only where something is different. */

export function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The page has no element #${id}.`);
  }
  return found as Kind;
}

/** A live region speaks at every change, so equal words are left alone. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/** Shows the words, or nothing when there are none. */
export function setNotice(target: HTMLElement, text: string): void {
  setText(target, text);
  target.hidden = text === '';
}

/** Shows a track in a video element, keeping the element's stream as long as the track is the same. */
export function showTrack(video: HTMLVideoElement, track: MediaStreamTrack | null): void {
  const current = video.srcObject instanceof MediaStream ? (video.srcObject.getVideoTracks()[0] ?? null) : null;
  if (current !== track) {
    video.srcObject = track ? new MediaStream([track]) : null;
  }
}
