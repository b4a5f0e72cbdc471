// A server in the data centre, and the platform that books visits on it from outside.
import { Platform } from '../harness/platform.js';
import { Server } from '../harness/server.js';
import { Door } from './door.js';
import { CLOUD_ADDRESS, PRIVATE_CLOUD_ADDRESS } from './internet.js';

/** In a namespace every port is free. Browsers are told of these origins when they start. */
const PORTS = [5000, 5001];
export const ORIGINS = PORTS.map((port) => `http://${CLOUD_ADDRESS}:${port}`);

/** Our own relay, with nothing configured but where it listens. */
export const OWN_RELAY = { TURN__LISTEN: CLOUD_ADDRESS, TURN__PORT: '3478' };
/** Our own relay behind NAT, with nothing configured but the public address. */
export const HIDDEN_RELAY = { HTTP__HOST: PRIVATE_CLOUD_ADDRESS, TURN__LISTEN: undefined, TURN__PORT: undefined, TURN__PUBLIC_ADDRESS: CLOUD_ADDRESS };

export class Site {
  #door;
  /** Where browsers find the server. */
  #origin;

  /** @param {Record<string, string | undefined>} settings @param {number} index of its origin */
  static async start(cloud, settings = OWN_RELAY, index = 0) {
    const site = new Site();
    site.#origin = ORIGINS[index];
    site.server = new Server({ HTTP__HOST: CLOUD_ADDRESS, HTTP__PORT: String(PORTS[index]), ...settings }, { entrance: cloud.entrance });
    await site.server.start();
    site.#door = await Door.open(cloud, settings.HTTP__HOST ?? CLOUD_ADDRESS, PORTS[index]);
    site.platform = new Platform({ secret: site.server.secret, url: `http://127.0.0.1:${site.#door.port}/` });
    return site;
  }

  /** The links lead where the browsers find the server. */
  async book(session) {
    const visit = await this.platform.book(session);
    for (const person of [visit.client, visit.psychologist]) {
      person.link = this.linkTo(visit.id, person.token);
    }
    return visit;
  }

  linkTo(sessionId, token) {
    return `${this.#origin}/call/#session=${sessionId}&token=${token}`;
  }

  async close() {
    await this.#door?.close();
    await this.server.stop();
  }
}
