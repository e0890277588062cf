// The same token checked by another library in another language.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ROOT } from './api.mjs';

// Programs of the Python environment that `make tools` installs.
export const tool = (name) => join(ROOT, '.local/tools/bin', name);

// The claims of a JWT that PyJWT accepts: `{ token, keys, issuer, audience }`. The input goes through standard input,
// because all users of the machine can read a command line.
export async function verifiedByPython(question) {
  const script = fileURLToPath(new URL('verify.py', import.meta.url));
  const child = spawn(tool('python'), [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise((_, reject) => child.on('error', reject));
  child.stdin.end(JSON.stringify(question));
  const answer = await Promise.race([text(child.stdout), failed]);
  assert.notEqual(answer, '', 'PyJWT does not accept the token');
  return JSON.parse(answer);
}
