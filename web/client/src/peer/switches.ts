/** What a person has switched on, as told over the data channel. */

export interface Switches {
  microphone: boolean;
  camera: boolean;
  screen: boolean;
}
