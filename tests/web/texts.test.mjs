// Every problem and every fault of the contract has a text in each language.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { texts } from '../../clients/web/texts.js';
import { ROOT } from '../support/api.mjs';
import { document } from '../support/contract.mjs';

// Those that the client itself finds.
const OWN = ['cookies-blocked', 'offline', 'unlisted-origin'];
const LANGUAGES = readdirSync(join(ROOT, 'clients/web/texts')).map((name) => name.replace('.js', ''));

const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, found]) => found))].sort();
const source = (path) => readFileSync(join(ROOT, path), 'utf8');
const { schemas } = document().components;
const inContract = all(JSON.stringify(schemas), /"\/problems\/([a-z-]+)"/g);
const inCode = all(source('shared/edge/src/problem.rs'), /Kind\(\s*S::\w+,\s*"([a-z-]+)"/g);
const codes = [...schemas.FaultCode.enum].sort();

describe('the contract', () => {
  test('has the problems and the codes that the API has', () => {
    assert.ok(inCode.length > 20);
    assert.deepEqual(inContract, inCode);
    assert.deepEqual(codes, all(source('shared/reason/src/lib.rs'), /^ {4}\w+ = "([a-z-]+)"/gm));
  });
});

describe('the texts', () => {
  test('are there in English and in Portuguese', () => assert.deepEqual(LANGUAGES, ['en', 'pt']));

  test('are found in every language that has a file', () => {
    const named = all(source('clients/web/texts.js'), /^ {2}(\w+): \(\) => import\('\.\/texts\/\1\.js'\),$/gm);
    assert.deepEqual(named, LANGUAGES);
  });

  for (const language of LANGUAGES) {
    test(`in ${language} tell every problem and every fault, and nothing else`, async () => {
      const { default: words } = await import(`../../clients/web/texts/${language}.js`);
      assert.deepEqual(Object.keys(words.problems).sort(), [...inContract, ...OWN].sort());
      assert.deepEqual(Object.keys(words.fields).sort(), codes);
    });

    test(`in ${language} are sentences, and no two fields are told the same by mistake`, async () => {
      const { problem, field } = await texts(language);
      for (const slug of [...inContract, ...OWN]) {
        const { title, detail } = problem({ slug, errors: [], retryAfter: 30 });
        assert.match(title, /^\p{Lu}.*[^.]$/u, slug);
        assert.match(detail, /^\p{Lu}.*\.$/u, slug);
      }
      const told = codes.map((code) => field({ code, params: {} }));
      for (const text of told) assert.match(text, /^\p{Lu}.*\.$/u);
      // Nothing and an empty text are the same to a person.
      assert.equal(new Set(told).size, codes.length - 1);
    });
  }

  test('name how long to wait, in the words of the language', async () => {
    const wait = async (language, retryAfter) => (await texts(language)).problem({ slug: 'too-many-attempts', errors: [], retryAfter }).detail;
    assert.match(await wait('en', 1), /wait 1 second and/);
    assert.match(await wait('en', 119), /wait 119 seconds and/);
    assert.match(await wait('en', 121), /wait 3 minutes and/);
    assert.match(await wait('en'), /wait a moment and/);
    assert.match(await wait('pt', 30), /espere 30 segundos e/);
    assert.match(await wait('pt', 900), /espere 15 minutos e/);
  });

  test('name the limit that a field must keep', async () => {
    const { field } = await texts('en');
    assert.equal(field({ code: 'too-short', params: { min: 12 } }), 'Please use at least 12 characters.');
    assert.equal((await texts('pt')).field({ code: 'too-long', params: { max: 256 } }), 'Use no máximo 256 caracteres.');
  });

  test('of a problem with faults are those of the faults, each once', async () => {
    const { problem } = await texts('en');
    const errors = ['missing', 'empty', 'single-word'].map((code) => ({ code, params: {} }));
    const { title, detail } = problem({ slug: 'unusable-value', errors });
    assert.equal(title, 'Please check what you entered');
    assert.equal(detail, 'Please fill this in. A single word is easy to guess. Please use several words.');
  });

  test('are there for a problem of a newer API, and for any text in a link', async () => {
    const { problem, field } = await texts('en');
    for (const slug of ['new', 'constructor', '__proto__', '']) {
      assert.equal(problem({ slug }).title, 'Something went wrong on our side');
      assert.equal(field({ code: slug, params: {} }), 'This cannot be used. Please choose something else.');
    }
  });

  test('are English, and wholly so, for a language without a file', async () => {
    for (const language of ['de', 'de-CH', 'xx', '', '../en', 'constructor', undefined]) {
      const { problem } = await texts(language);
      assert.match(problem({ slug: 'too-many-attempts', errors: [], retryAfter: 30 }).detail, /wait 30 seconds and/, language);
    }
    for (const language of ['pt', 'pt-BR', 'PT']) {
      assert.equal((await texts(language)).problem({ slug: 'offline', errors: [] }).title, 'Não conseguimos falar com o serviço');
    }
  });
});
