// Namespaces need root. A test file that imports this first runs as root, by sudo where that asks for no password.
import { spawnSync } from 'node:child_process';

if (process.getuid() !== 0) {
  // With its environment, which says how to report.
  const { status, error } = spawnSync('sudo', ['-n', '-E', process.execPath, ...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  if (error || status === null) {
    console.error('These cases make network namespaces: run them as root, or where sudo asks for no password.');
  }
  process.exit(status ?? 1);
}
