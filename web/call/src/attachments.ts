/** What components do to their elements beyond attributes. A strict policy forbids style attributes, but not the CSSOM. */

import type { Attachment } from 'svelte/attachments';

/** Shows a stream, and leaves it alone as long as it is the same. */
export function showing(stream: MediaStream | null): Attachment<HTMLVideoElement> {
  return (video) => {
    if (video.srcObject !== stream) {
      video.srcObject = stream;
    }
    return keepPlaying(video);
  };
}

/** Shows one's own picture: the same track is not put into a new stream, which would flicker. */
export function showingTrack(track: MediaStreamTrack | null): Attachment<HTMLVideoElement> {
  return (video) => {
    const [current] = video.srcObject instanceof MediaStream ? video.srcObject.getTracks() : [];
    if (current !== (track ?? undefined)) {
      video.srcObject = track ? new MediaStream([track]) : null;
    }
    return keepPlaying(video);
  };
}

/** A modal dialog that is open or not, and tells when the person closes it with Escape. */
export function modal(isOpen: boolean): Attachment<HTMLDialogElement> {
  return (dialog) => {
    if (isOpen && !dialog.open) {
      dialog.showModal();
    } else if (!isOpen && dialog.open) {
      dialog.close();
    }
  };
}

/** Takes the focus when it appears. */
export function focused(): Attachment<HTMLElement> {
  return (element) => element.focus();
}

/** Nobody pauses a call: a browser that does, while the page sleeps or the telephone rings, leaves it so. */
function keepPlaying(video: HTMLVideoElement): () => void {
  const goOn = () => void video.play().catch(() => undefined);
  video.addEventListener('pause', goOn);
  return () => video.removeEventListener('pause', goOn);
}
