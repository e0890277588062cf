// Signing in through the local OpenID Connect provider, with its forms, as a person does.

import assert from 'node:assert/strict';

// A person who cancels at the provider.
export const NOBODY = Symbol('nobody');

// Begins a login and goes through the provider's pages as `account`. Returns where the provider then sends the browser:
// the callback, which has not been requested yet.
export async function comeBack(client, account, start = '/login/local') {
  const begun = await client.navigate(start);
  assert.equal(begun.status, 302);
  return atProvider(client, begun.location, account);
}

// Continues from the provider's authorization endpoint.
export async function atProvider(client, authorize, account) {
  let answer = await client.navigate(authorize);
  for (let steps = 0; steps < 10; steps += 1) {
    if (answer.location?.pathname.startsWith('/callback/')) return answer.location;
    answer = answer.location ? await client.navigate(answer.location) : await submit(client, answer, account);
  }
  throw new Error(`the provider does not send ${String(account)} back`);
}

// The whole way: the answer of the callback.
export async function signIn(client, account, start) {
  return client.navigate(await comeBack(client, account, start));
}

// Fills in the form on the provider's page, which accepts any password; `NOBODY` presses "Cancel".
function submit(client, { status, text, url }, account) {
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(text) ?? [];
  const [, cancel] = /<a href="([^"]+)">\[ Cancel \]/.exec(text) ?? [];
  assert.ok(action && cancel, `no form, but ${status}`);
  if (account === NOBODY) return client.navigate(new URL(cancel, url));
  const form = { prompt: 'login', login: account, password: 'any' };
  return client.post(new URL(action, url).href, { form, csrf: false });
}
