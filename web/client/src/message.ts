/** What is written in a visit. It travels between the browsers alone, and nothing of it is stored. */

/** Longer texts are refused. */
export const MESSAGE_CHARACTERS_MAX = 2_000;

/** A snapshot: a message that has become delivered is a new object with the same `id`. */
export interface Message {
  id: string;
  userId: string;
  name: string;
  text: string;
  /** When it was said or, for those of others, when it came; by the server's clock. */
  at: Date;
  isOwn: boolean;
  /** Everybody who is here has it. Always true for those of others. */
  isDelivered: boolean;
}
