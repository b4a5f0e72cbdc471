// A person's way into the internet: a machine, a router with NAT, a line; and everything that can go wrong with them.
import { Delay } from './delay.js';
import { Namespace } from './namespace.js';

/** Keeps the port where it can, and lets in only who was spoken to: most homes. */
const ORDINARY = 'masquerade';
/** Another port for whomever is spoken to: what STUN finds out is of no use to others. */
const SYMMETRIC = 'masquerade random,fully-random';
/** Of a whole packet. 20 ms of Opus at 32 kbit/s take about 160, a check of a path about 130. */
const VOICE_BYTES_MAX = 250;

export class Home {
  #internet;
  #number;
  #line;
  #path = {};
  #delay = null;
  #lan = 0;

  constructor(internet, name, number) {
    this.#internet = internet;
    this.#number = number;
    this.name = name;
    /** The interface of the internet that leads here. */
    this.#line = `to-${name}`;
  }

  static async make(internet, name, number) {
    const home = new Home(internet, name, number);
    home.router = await Namespace.make(`${name}-router`);
    home.machine = await Namespace.make(name);
    await home.router.becomeRouter();
    await internet.plug([home.#line, `11.0.${number}.1/24`], home.router, ['line', `11.0.${number}.2/24`]);
    // A second public address, for the second network.
    await home.router.ip('address', 'add', `11.0.${number}.3/24`, 'dev', 'line');
    await home.router.ip('route', 'add', 'default', 'via', `11.0.${number}.1`);
    await home.translate(ORDINARY);
    await home.#plugIn();
    return home;
  }

  /** Puts everything right again. */
  async heal() {
    this.#path = {};
    await this.#applyPath();
    await this.translate(ORDINARY);
    await this.#delay?.stop();
    this.#delay = null;
    await this.router.tc('qdisc', 'delete', 'dev', 'line', 'root').catch(() => undefined);
    await this.#internet.tc('qdisc', 'delete', 'dev', this.#line, 'root').catch(() => undefined);
  }

  becomeSymmetric() {
    return this.translate(SYMMETRIC);
  }

  /** The firewall lets TCP through alone. */
  blockUdp() {
    return this.#change({ isUdpBlocked: true });
  }

  /** Of the packets of each direction. */
  lose(percent) {
    return this.#change({ lossPercent: percent });
  }

  /**
   * Of what is sent from here by UDP and larger than a packet of voice or a sign of life: as on a line that is too narrow for
   * a picture, whatever a browser believes of it.
   */
  loseLarge(percent) {
    return this.#change({ largeLossPercent: percent });
  }

  /** The server of the visit is out of reach; what goes by UDP is not. */
  loseServer() {
    return this.#change({ isTcpBlocked: true });
  }

  findServer() {
    return this.#change({ isTcpBlocked: false });
  }

  /** Nothing gets through, and nobody is told. */
  goDark() {
    return this.#change({ isDark: true });
  }

  comeBack() {
    return this.#change({ isDark: false });
  }

  /** In each direction. */
  async slowDown(milliseconds) {
    this.#delay = await Delay.start(this.#internet, { line: this.#line, subnet: `11.0.${this.#number}.0/24`, number: this.#number, milliseconds });
  }

  /** In each direction, with a buffer of a fifth of a second. */
  async narrow(kilobits) {
    const bucket = ['root', 'tbf', 'rate', `${kilobits}kbit`, 'burst', '6kb', 'latency', '200ms'];
    await this.router.tc('qdisc', 'replace', 'dev', 'line', ...bucket);
    await this.#internet.tc('qdisc', 'replace', 'dev', this.#line, ...bucket);
  }

  /** The machine sees that its cable leads nowhere. */
  unplug() {
    return this.router.ip('link', 'set', this.#lanName, 'down');
  }

  plugBack() {
    return this.router.ip('link', 'set', this.#lanName, 'up');
  }

  /** The machine's interface is gone, and there is another with another address, as from a cable to the air. */
  async move() {
    await this.router.ip('link', 'delete', this.#lanName);
    this.#lan = 1 - this.#lan;
    await this.#plugIn();
  }

  async close() {
    await this.#delay?.stop();
    await this.machine.remove();
    await this.router.remove();
  }

  /** How private addresses become public ones. Whoever was not spoken to is not even answered. */
  translate(how) {
    const second = `192.168.${this.#number + 100}.0/24`;
    const fixed = how.replace('masquerade', `snat to 11.0.${this.#number}.3`);
    return this.router.nft(
      'nat',
      `chain leaving {
        type nat hook postrouting priority srcnat
        oifname line ip saddr ${second} ${fixed}
        oifname line ${how}
      }
      chain entering {
        type filter hook input priority filter
        iifname line ct state new drop
      }`,
    );
  }

  get #lanName() {
    return `lan${this.#lan}`;
  }

  async #plugIn() {
    const subnet = `192.168.${this.#number + 100 * this.#lan}`;
    await this.router.plug([this.#lanName, `${subnet}.1/24`], this.machine, [`eth${this.#lan}`, `${subnet}.10/24`]);
    await this.machine.ip('route', 'add', 'default', 'via', `${subnet}.1`);
  }

  #change(path) {
    this.#path = { ...this.#path, ...path };
    return this.#applyPath();
  }

  #applyPath() {
    const { lossPercent = 0, largeLossPercent = 0, isUdpBlocked = false, isTcpBlocked = false, isDark = false } = this.#path;
    const drops = [
      ...(isDark ? ['drop'] : []),
      ...(isUdpBlocked ? ['meta l4proto udp drop'] : []),
      ...(isTcpBlocked ? ['meta l4proto tcp drop'] : []),
      ...(lossPercent > 0 ? [`numgen random mod 100 < ${lossPercent} drop`] : []),
    ];
    const rules = drops.flatMap((drop) => [`iifname ${this.#line} ${drop}`, `oifname ${this.#line} ${drop}`]);
    if (largeLossPercent > 0) {
      rules.push(`iifname ${this.#line} meta l4proto udp ip length > ${VOICE_BYTES_MAX} numgen random mod 100 < ${largeLossPercent} drop`);
    }
    return this.#internet.nft(this.name, `chain passing {\ntype filter hook forward priority filter\n${rules.join('\n')}\n}`);
  }
}
