// An OpenID provider that signs one person in, over HTTPS on port 443 of this network.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const CODE = 'the-code';

export class Provider {
  #server;
  #key;
  #asked;

  constructor(host, client) {
    this.issuer = `https://${host}`;
    this.client = client;
  }

  async serve({ certificate, key }) {
    this.#key = await generateKeyPair('ES256', { extractable: true });
    this.#server = createServer({ cert: certificate, key }, async (request, response) => {
      const answer = await this.#answer(request).catch((error) => ({ error: error.message }));
      response.writeHead(answer.error ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await once(this.#server.listen(443, '127.0.0.1'), 'listening');
  }

  // What the browser brings back from the page at `location`.
  consent(location) {
    this.#asked = Object.fromEntries(location.searchParams);
    return { code: CODE, state: this.#asked.state };
  }

  async #answer(request) {
    if (request.url === '/.well-known/openid-configuration') {
      const endpoints = { authorization_endpoint: `${this.issuer}/authorize`, token_endpoint: `${this.issuer}/token` };
      return { issuer: this.issuer, ...endpoints, jwks_uri: `${this.issuer}/keys` };
    }
    if (request.url === '/keys') {
      return { keys: [{ ...(await exportJWK(this.#key.publicKey)), kid: '1', alg: 'ES256' }] };
    }
    assert.equal(request.url, '/token');
    const form = new URLSearchParams(await text(request));
    const challenge = createHash('sha256').update(form.get('code_verifier')).digest('base64url');
    assert.deepEqual([form.get('code'), challenge], [CODE, this.#asked.code_challenge]);
    return { access_token: 'none', token_type: 'Bearer', id_token: await this.#token() };
  }

  #token() {
    const claims = { email: 'ada@example.com', email_verified: true, name: 'Ada', nonce: this.#asked.nonce };
    const token = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: '1' }).setSubject('ada');
    token.setIssuer(this.issuer).setAudience(this.client).setIssuedAt().setExpirationTime('5m');
    return token.sign(this.#key.privateKey);
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
