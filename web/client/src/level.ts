/** How loud a track is, for a meter. */

const INTERVAL_MS = 50;
/** Speech at arm's length has a mean amplitude of about a fifth of full scale. */
const FULL_SCALE = 0.2;

/** Calls `onLevel` about 20 times a second with 0 (silence) to 1, until the returned function is called. */
export function meterLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    // Kept asleep until the person has done something on the page.
    if (context.state === 'suspended') {
      void context.resume();
    }
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}

/** The root mean square of samples in -1 to 1, on a scale on which ordinary speech reaches near 1. */
export function levelOf(samples: Float32Array): number {
  const sum = samples.reduce((total, sample) => total + sample * sample, 0);
  return Math.min(1, Math.sqrt(sum / Math.max(1, samples.length)) / FULL_SCALE);
}
