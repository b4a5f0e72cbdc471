/** What a person has switched on, as told over the data channel. */

export interface Switches {
  microphone: boolean;
  camera: boolean;
  screen: boolean;
}

/** What the other side sends is not trusted to be anything. */
export function readSwitches(data: unknown): Switches | null {
  if (typeof data !== 'string' || data.length > 200) {
    return null;
  }
  try {
    const value: unknown = JSON.parse(data);
    const { microphone, camera, screen } = (value ?? {}) as Partial<Switches>;
    return typeof microphone === 'boolean' && typeof camera === 'boolean' ? { microphone, camera, screen: screen === true } : null;
  } catch {
    return null;
  }
}
