// A small internet: a router in the middle, a data centre, and homes behind routers of their own. It reaches nothing else.
import { Home } from './home.js';
import { Namespace, sweep } from './namespace.js';

/** Of the data centre. Public in looks, so that relays and browsers take them as such; they exist in here alone. */
export const CLOUD_ADDRESS = '11.0.0.2';

export class Internet {
  #homes = [];

  static async make() {
    await sweep();
    const internet = new Internet();
    internet.router = await Namespace.make('internet');
    await internet.router.becomeRouter();
    internet.cloud = await Namespace.make('cloud');
    await internet.router.plug(['cloud', '11.0.0.1/24'], internet.cloud, ['eth0', `${CLOUD_ADDRESS}/24`]);
    await internet.cloud.ip('route', 'add', 'default', 'via', '11.0.0.1');
    return internet;
  }

  /** @param {string} name at most eight letters */
  async addHome(name) {
    const home = await Home.make(this.router, name, this.#homes.length + 1);
    this.#homes.push(home);
    return home;
  }

  /** Every machine finds these names from now on: `hosts` are names with their addresses. */
  name(hosts) {
    [this.cloud, ...this.#homes.map(({ machine }) => machine)].forEach((namespace) => namespace.knowNames(hosts));
  }

  async close() {
    for (const home of this.#homes) {
      await home.close();
    }
    await this.cloud?.remove();
    await this.router?.remove();
  }
}
