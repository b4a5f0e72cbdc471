/** Three soft notes, to hear whether the loudspeaker works. */

const NOTES_HZ = [523.25, 659.25, 783.99];
const NOTE_SECONDS = 0.4;
const LOUDNESS = 0.2;

/** Resolves when the last note has faded; never rejects. */
export async function playNotes(loudspeakerId: string | null): Promise<void> {
  const context = new AudioContext();
  try {
    // Where the browser lets a page choose (Chromium).
    if (loudspeakerId && 'setSinkId' in context) {
      await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(loudspeakerId).catch(() => undefined);
    }
    const last = NOTES_HZ.map((hertz, index) => playNote(context, hertz, context.currentTime + index * NOTE_SECONDS * 0.75)).at(-1);
    await new Promise((ended) => last?.addEventListener('ended', ended, { once: true }));
  } finally {
    await context.close().catch(() => undefined);
  }
}

function playNote(context: AudioContext, hertz: number, at: number): OscillatorNode {
  const tone = new OscillatorNode(context, { frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_SECONDS);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + NOTE_SECONDS);
  return tone;
}
