// The log lines of real functions: which request each belongs to, and what CloudWatch makes of it.

import { Ajv2020 } from 'ajv/dist/2020.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pause } from '../support/api.mjs';

export const NAMESPACE = 'Login/journeys';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const text = { type: 'string', minLength: 1, maxLength: 255 };
const object = (properties, required = Object.keys(properties)) => {
  return { type: 'object', properties, required, additionalProperties: false };
};

// The embedded metric format, as far as a schema can describe it.
const METADATA = object({
  Timestamp: { type: 'integer' },
  CloudWatchMetrics: {
    type: 'array',
    items: object({
      Namespace: text,
      Dimensions: { type: 'array', minItems: 1, items: { type: 'array', maxItems: 30, items: text } },
      Metrics: {
        type: 'array',
        maxItems: 100,
        items: object({ Name: text, Unit: { enum: ['Count', 'Milliseconds'] } }),
      },
    }),
  },
});

export function lines(api) {
  const valid = new Ajv2020().compile(METADATA);
  const printed = () => api.printed.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));

  describe(`lines, on ${api.stores}`, () => {
    test('a request is told with its trace and its function', async () => {
      const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
      const answer = await fetch(`${api.url}/health`, { headers });
      api.contract.check('GET', '/health', await whole(answer));
      assert.equal(answer.status, 200);
      const line = await until(() => printed().find(({ trace_id: trace }) => trace === TRACE));
      const { target, path, function: name, request_id: id, duration } = line;
      assert.deepEqual({ target, path, name }, { target: 'request', path: '/health', name: 'health' });
      assert.ok(id && duration > 0, JSON.stringify(line));
      // Only Lambda has such traces.
      if (api.front === 'gateway') assert.match(line.xray_trace_id, /^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    });

    test('every line of a request says which, and each that counts is one that CloudWatch reads', () => {
      const all = printed();
      const metrics = new Set();
      for (const line of all) {
        assert.equal(typeof line.function, 'string', JSON.stringify(line));
        // What the runtime and the host say of themselves belongs to no request.
        if (!/^(lambda_runtime|host::)/.test(line.target)) assert.equal(typeof line.request_id, 'string', JSON.stringify(line));
        if (!line._aws) continue;
        assert.ok(valid(line._aws), `${JSON.stringify(valid.errors)} in ${JSON.stringify(line)}`);
        const [{ Namespace: namespace, Dimensions: dimensions, Metrics: definitions }] = line._aws.CloudWatchMetrics;
        assert.deepEqual([namespace, dimensions], [NAMESPACE, [[], ['function']]]);
        for (const { Name: name } of definitions) {
          assert.equal(typeof line[name], 'number', `${name} in ${JSON.stringify(line)}`);
          metrics.add(name);
        }
      }
      const requests = all.filter(({ target }) => target === 'request');
      assert.ok(requests.length > 0 && requests.every(({ _aws: metadata }) => metadata));
      const expected = ['duration', 'login', 'login_failed', 'mail_sent', 'minted', 'registered', 'revoked'];
      for (const name of expected) assert.ok(metrics.has(name), `no line counts ${name}: ${[...metrics]}`);
    });
  });
}

async function whole(answer) {
  const body = await answer.text();
  return { status: answer.status, headers: answer.headers, text: body, body: JSON.parse(body) };
}

async function until(found) {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = found();
    if (value) return value;
    await pause(50);
  }
  throw new Error('the line was not written');
}
