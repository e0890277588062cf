// A program that runs with its unpacked image as its only root directory.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESOLVER } from './names.mjs';

// As the user that the image names, with only `env` and what a platform adds: the address of the resolver. `log` gets
// what it prints.
export function program({ root, config }, env, log) {
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/resolv.conf'), `nameserver ${RESOLVER}\n`);
  const [user, group] = config.config.User.split(':');
  const inside = ['--user', `--map-user=${user}`, `--map-group=${group}`, `--root=${root}`, '--wd=/'];
  const command = [...emulated(root), ...config.config.Entrypoint];
  const child = spawn('unshare', [...inside, '--', ...command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', log);
  return child;
}

// What stands before a program for another kind of machine: an emulator, which is put into the root directory.
function emulated(root) {
  if (!process.env.EMULATOR) return [];
  copyFileSync(process.env.EMULATOR, join(root, 'emulator'));
  return ['/emulator'];
}
