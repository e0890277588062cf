// Which pages may read answers. Each front is asked the same, and says what the gateway of template.yaml says.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expanded } from '../support/templates.mjs';

const { 'Fn::If': [, GATEWAY] } = expanded('template.yaml').Resources.Api.Properties.Body['x-amazon-apigateway-cors'];
const STATUS = { '/health': 200, '/me': 401, '/nowhere': 404 };
const NOT_FOUND = 404;

// `app` is the only origin that the API allowlists.
export function cors(api, app) {
  const asked = async (path, method, headers) => {
    const { status, headers: got } = await fetch(api.url + path, { method, headers });
    return [status, Object.fromEntries([...got].filter(([name]) => /^(access-control-|vary$)/.test(name)))];
  };
  const origins = { 'an allowed origin': app.origin, 'a foreign origin': 'https://evil.example', 'an opaque origin': 'null' };

  describe(`pages of other origins, on ${api.stores}`, () => {
    for (const [who, origin] of [...Object.entries(origins), ['no origin', undefined]]) {
      const headers = origin ? { origin } : {};
      const read = reads(origin, app);
      test(`${who} reads what the deployed gateway lets it read`, async () => {
        for (const [path, status] of Object.entries(STATUS)) assert.deepEqual(await asked(path, 'GET', headers), [status, read], path);
      });

      test(`${who} is told before it asks what it may send`, async () => {
        for (const method of ['POST', 'DELETE', 'PUT']) {
          const question = { ...headers, 'access-control-request-method': method };
          const expected = origin ? [204, { ...read, ...sends(origin, app) }] : [NOT_FOUND, read];
          for (const path of Object.keys(STATUS)) assert.deepEqual(await asked(path, 'OPTIONS', question), expected, path);
        }
        // No browser asks so: what is meant is not said.
        assert.deepEqual(await asked('/me', 'OPTIONS', headers), [NOT_FOUND, read]);
      });
    }
  });
}

function reads(origin, app) {
  if (origin !== app.origin) return { vary: 'origin' };
  return {
    'access-control-allow-credentials': String(GATEWAY.allowCredentials),
    'access-control-allow-origin': origin,
    'access-control-expose-headers': GATEWAY.exposeHeaders.join(),
    vary: 'origin',
  };
}

function sends(origin, app) {
  if (origin !== app.origin) return {};
  return {
    'access-control-allow-headers': GATEWAY.allowHeaders.join(),
    'access-control-allow-methods': GATEWAY.allowMethods.join(),
    'access-control-max-age': String(GATEWAY.maxAge),
  };
}
