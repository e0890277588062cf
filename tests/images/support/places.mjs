// Directories that exist only on this machine.

import { execFileSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './programs.mjs';

export function places() {
  const sysroot = execFileSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).trim();
  return [ROOT.replace(/\/$/, ''), process.env.CARGO_HOME ?? join(homedir(), '.cargo'), sysroot, homedir(), tmpdir()];
}
