// Compares the API's answers with infra/openapi.yaml.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

export function document() {
  return parse(readFileSync(new URL('../../infra/openapi.yaml', import.meta.url), 'utf8'));
}

// Every operation of the document: `[{ method, path, function, id }]`.
export function operations({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) => {
    const methods = METHODS.filter((method) => method in item);
    return methods.map((method) => ({ method: method.toUpperCase(), path, function: item[method]['x-function'], id: item[method].operationId }));
  });
}

export class Contract {
  #document = document();
  #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor() {
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(this.#document, 'openapi');
  }

  // Fails unless an answer is one that the document describes: status, every header, content type, body.
  check(method, path, { status, headers, text, body }) {
    const route = operations(this.#document).find((one) => one.method === method && pattern(one.path).test(path));
    assert.ok(route, `no route for ${method} ${path}`);
    const what = `${method} ${route.path} → ${status}`;
    const found = this.#at(['paths', route.path, method.toLowerCase(), 'responses', String(status)]);
    assert.ok(found.value, `${what} is not described`);

    for (const name of Object.keys(found.value.headers ?? {})) {
      this.#header(what, [...found.place, 'headers', name], headers);
    }
    const { content } = found.value;
    if (!content) return assert.equal(text, '', `${what} has a body`);
    const type = headers.get('content-type')?.split(';')[0];
    assert.ok(content[type], `${what} as ${type} is not described`);
    this.#valid(`${what} ${type}`, [...found.place, 'content', type, 'schema'], type === 'text/html' ? text : body);
  }

  // Fails unless a request that a client makes, and the answer that a test gives it, are those of the document.
  checkClient(method, path, sent, { status, body }) {
    const route = operations(this.#document).find((one) => one.method === method && pattern(one.path).test(path));
    assert.ok(route, `no route for ${method} ${path}`);
    const operation = ['paths', route.path, method.toLowerCase()];
    const { requestBody } = this.#at(operation).value;
    if (sent === undefined) assert.ok(!requestBody?.required, `${method} ${path} lacks a body`);
    else this.#valid(`the body of ${method} ${path}`, [...operation, 'requestBody', 'content', 'application/json', 'schema'], sent);
    const found = this.#at([...operation, 'responses', String(status)]);
    assert.ok(found.value, `${method} ${path} → ${status} is not described`);
    const [type] = Object.keys(found.value.content ?? {});
    if (!type) return assert.equal(body, undefined);
    this.#valid(`${method} ${path} → ${status}`, [...found.place, 'content', type, 'schema'], body);
  }

  #header(what, place, headers) {
    const name = place.at(-1);
    const header = this.#at(place);
    const one = [headers.get(name)].filter((value) => value !== null);
    const values = name === 'Set-Cookie' ? headers.getSetCookie() : one;
    if (header.value.required) assert.ok(values.length > 0, `${what} lacks ${name}`);
    const typed = (value) => (header.value.schema.type === 'integer' ? Number(value) : value);
    // If there are several cookies, one of them must be the described one.
    const failures = values.map((value) => this.#failures([...header.place, 'schema'], typed(value)));
    if (values.length > 0) assert.ok(failures.includes(null), `${what} ${name}: ${failures[0]}`);
  }

  #valid(what, place, value) {
    assert.equal(this.#failures(place, value), null, what);
  }

  // The fault of a value, or null. The value is left out: it may be a secret.
  #failures(place, value) {
    const pointer = place.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent);
    const validate = this.#ajv.getSchema(`openapi#/${pointer.join('/')}`);
    return validate(value) ? null : this.#ajv.errorsText(validate.errors);
  }

  // The entry at a place of the document, and its place after references are followed.
  #at(place) {
    const value = place.reduce((node, step) => node?.[step], this.#document);
    return value?.$ref ? this.#at(value.$ref.replace('#/', '').split('/')) : { place, value };
  }
}

function pattern(path) {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
}
