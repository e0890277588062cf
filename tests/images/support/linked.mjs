// The crates that cargo compiles into each program, and those in the bill of materials next to its image.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { archive, GROUPS, ROOT } from './programs.mjs';

const options = { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 };
const tree = (...more) => execFileSync('cargo', ['tree', '--quiet', '--locked', '--edges', 'normal', ...more], options);
const packages = (names) => names.flatMap((name) => ['--package', name]);

export const bill = (name) => JSON.parse(readFileSync(archive(name).replace(/\.tar$/, '.cdx.json'), 'utf8'));

// The crates below a program that is compiled together with its group, as images are: "name version".
export function compiled(name, triple) {
  const below = edges(GROUPS.find((group) => group.includes(name)), triple);
  const found = new Set();
  const ahead = [...below.keys()].filter((crate) => crate.startsWith(`${name} `));
  while (ahead.length > 0) {
    const crate = ahead.pop();
    if (!found.has(crate)) ahead.push(...below.get(crate));
    found.add(crate);
  }
  return [...found].sort();
}

// The crates below a function that is compiled alone: a subset of those above.
export function alone(name, triple) {
  const lines = tree('--package', name, '--prefix', 'none', '--target', triple).split('\n').filter(Boolean);
  return [...new Set(lines.map((line) => line.split(' v').map((part) => part.split(' ')[0]).slice(0, 2).join(' ')))].sort();
}

const known = new Map();

function edges(group, triple) {
  if (known.has(group)) return known.get(group);
  const below = new Map();
  const path = [];
  for (const [, depth, crate, version] of tree(...packages(group), '--prefix', 'depth', '--target', triple).matchAll(/^(\d+)(\S+) v(\S+)/gm)) {
    const here = `${crate} ${version}`;
    path.length = Number(depth);
    if (!below.has(here)) below.set(here, new Set());
    if (path.length > 0) below.get(path.at(-1)).add(here);
    path.push(here);
  }
  known.set(group, below);
  return below;
}
