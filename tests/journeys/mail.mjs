// Mails: that they arrive, in which language, and what happens while the mail server is away.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '../support/client.mjs';

export function mail(api) {
  const PASSWORD = 'seven quiet lanterns';
  const register = (email, language) => {
    api.secrets.add('password', PASSWORD);
    const headers = language && { 'accept-language': language };
    return new Client(api).post('/register', { json: { email, password: PASSWORD }, headers });
  };

  describe(`mails, on ${api.stores}`, () => {
    test('come in the language of the browser, with a link of their own', async () => {
      for (const [email, language, subject] of [
        ['mail-en@example.com', 'en-GB,en;q=0.9', 'Example: Confirm your email address'],
        ['mail-pt@example.com', 'pt-BR,pt;q=0.9,en;q=0.8', 'Example: Confirme seu endereço de e-mail'],
      ]) {
        assert.equal((await register(email, language)).status, 202);
        const [first] = await api.mails(email);
        assert.equal(first.subject, subject);
        assert.equal(first.from.address, 'login@example.com');
        api.link(first);
      }
    });

    test('are not waited for: a mail server that hangs gets them when it goes on', async () => {
      const [server] = api.processes().filter(({ command }) => /\bmail\.mjs\b/.test(command));
      process.kill(server.pid, 'SIGSTOP');
      try {
        assert.equal((await register('mail-later@example.com')).status, 202);
      } finally {
        process.kill(server.pid, 'SIGCONT');
      }
      assert.equal((await api.mails('mail-later@example.com')).length, 1);
    });
  });
}
