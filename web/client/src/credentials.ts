/** The token, and how it is replaced when the server refuses it. */

export class Credentials {
  readonly #renewToken: (() => Promise<string>) | undefined;
  #token: string;
  #renewal: Promise<boolean> | null = null;

  constructor(token: string, renewToken?: () => Promise<string>) {
    this.#token = token;
    this.#renewToken = renewToken;
  }

  get token(): string {
    return this.#token;
  }

  /** Whether there is a newer token than `refused` now. Whoever asks meanwhile waits for the same answer. */
  async renew(refused: string): Promise<boolean> {
    if (this.#token !== refused) {
      return true;
    }
    this.#renewal ??= this.#ask().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #ask(): Promise<boolean> {
    const before = this.#token;
    try {
      this.#token = (await this.#renewToken?.()) ?? before;
    } catch (cause) {
      console.warn('The token could not be renewed.', cause);
    }
    return this.#token !== before;
  }
}
