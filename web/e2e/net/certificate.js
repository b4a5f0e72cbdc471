// A certificate that nobody has signed but itself, for a name that exists in the test alone.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Certificate {
  #directory = mkdtempSync(join(tmpdir(), 'holdspace-certificate-'));

  static make(name) {
    const certificate = new Certificate();
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', certificate.keyFile];
    const claims = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', '2', '-out', certificate.file];
    execFileSync('openssl', ['req', '-x509', ...key, ...claims], { stdio: ['ignore', 'ignore', 'pipe'] });
    return certificate;
  }

  /** PEM */
  get file() {
    return join(this.#directory, 'certificate.pem');
  }

  /** PEM */
  get keyFile() {
    return join(this.#directory, 'key.pem');
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
