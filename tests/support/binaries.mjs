// The functions as programs.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './api.mjs';

let directory;

// Where the programs are. The first time, this builds them.
export function binaries() {
  const options = { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 24, stdio: ['ignore', 'pipe', 'inherit'] };
  if (!directory) {
    execFileSync('cargo', ['build', '--quiet', '--bins'], options);
    const metadata = execFileSync('cargo', ['metadata', '--no-deps', '--format-version', '1'], options);
    directory = join(JSON.parse(metadata).target_directory, 'debug');
  }
  return directory;
}
