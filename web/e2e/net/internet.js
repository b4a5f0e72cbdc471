// A small internet: a router in the middle, a data centre, and homes behind routers of their own. It reaches nothing else.
import { Home } from './home.js';
import { Namespace, sweep } from './namespace.js';

/** Of the data centre. Public in looks, so that relays and browsers take them as such; they exist in here alone. */
export const CLOUD_ADDRESS = '11.0.0.2';
/** What the server has of its own when it is behind NAT. */
export const PRIVATE_CLOUD_ADDRESS = '10.20.0.2';

export class Internet {
  #homes = [];
  #gateway;

  /** @param {{ hasPrivateCloud?: boolean }} options whether the server has a private address, which a NAT makes the public one */
  static async make({ hasPrivateCloud = false } = {}) {
    await sweep();
    const internet = new Internet();
    internet.router = await Namespace.make('internet');
    await internet.router.becomeRouter();
    internet.cloud = await Namespace.make('cloud');
    if (hasPrivateCloud) {
      await internet.#hideCloud();
    } else {
      await internet.#plugCloud(internet.cloud);
    }
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
    await this.#gateway?.remove();
    await this.router?.remove();
  }

  async #plugCloud(namespace) {
    await this.router.plug(['cloud', '11.0.0.1/24'], namespace, ['eth0', `${CLOUD_ADDRESS}/24`]);
    await namespace.ip('route', 'add', 'default', 'via', '11.0.0.1');
  }

  /** As in most clouds: one private address behind one public address, port by port, and nothing in between knows of visits. */
  async #hideCloud() {
    this.#gateway = await Namespace.make('gateway');
    await this.#gateway.becomeRouter();
    await this.#plugCloud(this.#gateway);
    await this.#gateway.plug(['inside', '10.20.0.1/24'], this.cloud, ['eth0', `${PRIVATE_CLOUD_ADDRESS}/24`]);
    await this.cloud.ip('route', 'add', 'default', 'via', '10.20.0.1');
    await this.#gateway.nft(
      'nat',
      `chain entering {
        type nat hook prerouting priority dstnat
        iifname eth0 ip daddr ${CLOUD_ADDRESS} dnat to ${PRIVATE_CLOUD_ADDRESS}
      }
      chain leaving {
        type nat hook postrouting priority srcnat
        oifname eth0 ip saddr ${PRIVATE_CLOUD_ADDRESS} snat to ${CLOUD_ADDRESS}
      }`,
    );
  }
}
