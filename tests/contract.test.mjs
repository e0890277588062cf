// Tests the running API against infra/openapi.yaml, with a program that generates requests from it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ending } from './journeys/ending.mjs';
import { Api, DEMO, ROOT } from './support/api.mjs';
import { document, operations } from './support/contract.mjs';
import { tool } from './support/python.mjs';

// How many requests are generated for each operation: `make contract` asks for more than `make test` has the time for.
const EXAMPLES = process.env.EXAMPLES ?? '8';

// They know no session.
const PAGES = operations(document()).filter(({ function: name }) => name === 'pages').map(({ id }) => id);

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

// There are hundreds of logins: their passwords are hashed at the lowest cost.
const api = await Api.start({ variables: { ARGON2_MEMORY_KIB: '8', ARGON2_TIME_COST: '1' } });
after(() => api.dispose());

describe('schemathesis finds nothing', () => {
  test('as somebody who is signed out', () => schemathesis());

  test('as somebody who has just signed in', async () => {
    // The other operations do not require a session.
    const others = ['signInWithProvider', 'finishSignIn', 'publicKeys', 'signInDevice', 'refreshDevice', 'signOutDevice']
      .concat('register', 'verifyRegistration', 'resetPassword', 'confirmPasswordReset', 'health', PAGES);
    const options = others.flatMap((name) => ['--exclude-operation-id', name]);
    await schemathesis({ EMAIL: DEMO.email, PASSWORD: DEMO.password }, options);
  });
});

ending(api, ['state', 'JWT']);

// Runs it, below the API's directory because it writes notes where it runs. It has found nothing if it says so and has
// tried every expected operation.
async function schemathesis(variables = {}, options = []) {
  const secrets = join(api.directory, 'secrets');
  const document = join(ROOT, 'infra/openapi.yaml');
  const known = { ORIGIN: api.url, SECRETS: secrets, SCHEMATHESIS_HOOKS: here('support/schemathesis_hooks.py') };
  const command = ['--config-file', here('schemathesis.toml'), 'run', document, '--url', api.url]
    .concat('--max-examples', EXAMPLES, options);
  const env = { ...process.env, ...known, ...variables };
  const child = spawn(tool('schemathesis'), command, { cwd: api.directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  for (const line of (await readFile(secrets, 'utf8')).trim().split('\n')) {
    const [, kind, value] = /^(\S+) (.*)$/.exec(line);
    if (kind === 'set-cookie') api.secrets.addCookie(value);
    else api.secrets.addBody(JSON.parse(value));
  }
  assert.equal(code, 0, findings(output));
  assert.match(output, /Selected: (\d+)\/\d+\s+Tested: \1\s/);
}

// What it found comes last, where a log that was cut still has it.
function findings(output) {
  const warnings = output.search(/^=+ WARNINGS =+$/m);
  const found = output.search(/^=+ (ERRORS|FAILURES) =+$/m);
  return found < 0 || warnings < found ? output : output.slice(warnings) + output.slice(found, warnings);
}
