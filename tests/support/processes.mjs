// The processes of this machine, as `ps` sees them.

import { execFileSync } from 'node:child_process';

// Every process below `pid`, itself included: `[{ pid, command }]`.
export function tree(pid) {
  const all = list();
  const found = all.filter((process) => process.pid === pid);
  for (const { pid: parent } of found) found.push(...all.filter((process) => process.parent === parent));
  return found;
}

// Those of `processes` that still run.
export function running(processes) {
  const all = list();
  return processes.filter(({ pid, command }) => all.some((other) => other.pid === pid && other.command === command));
}

function list() {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return lines.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    // A process that has ended and was not yet waited for does not run.
    return pid && !state.startsWith('Z') ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
  });
}
