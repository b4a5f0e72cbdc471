// A Python of its own with the packages that the clients written in Python need.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../.venv', import.meta.url));
const scripts = fileURLToPath(new URL('../python/', import.meta.url));
const requirements = `${scripts}requirements.txt`;
const installed = `${folder}/installed.txt`;

/** Made once, and again when the requirements change. */
export async function preparePython() {
  const wanted = readFileSync(requirements, 'utf8');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
    await run('python3', ['-m', 'venv', '--clear', folder]);
    await run(`${folder}/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
    writeFileSync(installed, wanted);
  }
}

/** Gives `task` to a script and returns what it prints, both as JSON. */
export async function runPython(script, task) {
  const child = spawn(`${folder}/bin/python`, [scripts + script], { timeout: 60_000 });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (errors += data));
  child.stdin.end(JSON.stringify(task));
  const [code] = await once(child, 'close');
  if (code !== 0) {
    throw new Error(`${script} ended with ${code}:\n${errors}`);
  }
  return JSON.parse(output);
}
