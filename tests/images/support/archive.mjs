// Images as archives: their contents, and their unpacked file system.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const tar = (...options) => execFileSync('tar', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

// An archive as `docker save` makes it, unpacked below `directory`: `{ root, id, config, files }`.
export function unpack(archive, directory) {
  const parts = mkdtempSync(join(directory, 'archive-'));
  const root = mkdtempSync(join(directory, 'root-'));
  tar('-xf', archive, '-C', parts);
  const [{ Config, Layers }] = JSON.parse(readFileSync(join(parts, 'manifest.json'), 'utf8'));
  const config = readFileSync(join(parts, Config));
  const files = Layers.flatMap((layer) => {
    tar('-xpf', join(parts, layer), '-C', root, '--no-same-owner');
    return list(join(parts, layer));
  });
  return { root, id: createHash('sha256').update(config).digest('hex'), config: JSON.parse(config), files };
}

// Every entry of a layer as the archive lists it: `{ kind, mode, owner, size, name }`, as in `-r-xr-xr-x 0/0 12345 …`.
function list(layer) {
  const lines = tar('-tvf', layer, '--numeric-owner', '--full-time').trim().split('\n');
  return lines.map((line) => {
    const [, kind, mode, owner, size, name] = /^(.)(\S{9})\S*\s+(\S+)\s+(\d+)\s+\S+\s+\S+\s+(.*)$/.exec(line);
    return { kind, mode, owner, size: Number(size), name: `/${name.replace(/^\.?\//, '').replace(/\/$/, '')}` };
  });
}
