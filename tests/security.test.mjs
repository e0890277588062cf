// Compares docs/security.md with the list of ASVS requirements and with the existing tests.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { faults, levels, named } from './support/asvs.mjs';
import { strangers } from './support/named_tests.mjs';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const section = (text, title) => text.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
const document = read('docs/security.md');

test('the list has every requirement of ASVS 5.0.0', () => {
  const of = (level) => [...levels().values()].filter((each) => each === level).length;
  assert.deepEqual([levels().size, of(1), of(2), of(3)], [345, 70, 183, 92]);
});

test('docs/security.md names every requirement of levels 1 and 2 once, and each with its level', () => {
  assert.deepEqual(faults(document), []);
  assert.ok(named(document, levels()).length > 253);
});

test('every test that docs/security.md names exists', () => {
  assert.deepEqual(strangers(document), []);
});

test('the inventory names every crate that does cryptography', () => {
  const manifest = read('Cargo.toml');
  const block = manifest.slice(manifest.indexOf('\n# Security.\n')).split('\n\n')[0];
  const crates = [...block.matchAll(/^([\w-]+) = /gm)].map(([, name]) => name).concat('rustls');
  assert.ok(crates.length > 10, crates.join());
  const inventory = section(read('docs/policies.md'), 'Cryptographic inventory');
  for (const name of crates) assert.ok(inventory.includes(`\`${name}\``), `${name} is not in the inventory`);
});

test('what is wrong with such a document is noticed', () => {
  const table = (...rows) => `## OWASP ASVS 5.0\n\n| id | asks | how it is met | test |\n|---|---|---|---|\n${rows.join('\n')}\n\n## RFC 9700, OAuth security\n`;
  const told = (text) => faults(text).filter((fault) => !fault.endsWith('is not named'));
  assert.deepEqual(told(table('| 6.3.5 (L3), 6.2.12 | a | b | none |')), []);
  assert.deepEqual(told(table('| 6.2.12 (L3) | a | b | none |', '| 6.3.5 | a | b | none |')), ['6.2.12 is of level 2', '6.3.5 is of level 3']);
  assert.deepEqual(told(table('| 6.3.9 | a | b | none |')), ['6.3.9 is no requirement']);
  assert.deepEqual(told(table('| 1.4.1–1.4.3 | a | b | none |', '| 1.4.2 | a | b | none |')), ['1.4.2 stands in 2 rows']);
  assert.ok(faults(table('| 1.4.1–1.4.3 | a | b | none |')).includes('1.1.1 (level 2) is not named'));
  assert.ok(!faults(table('| 1.4.1–1.4.3 | a | b | none |')).includes('1.4.2 (level 2) is not named'));

  const cell = (text) => strangers(table(`| 1.1.1 | a | b | ${text} |`));
  assert.deepEqual(cell('edge: `a_session_cookie_is_written_whole`; laws: `no_event_gets_more_than_a_no`; all: `members_are_strings_there_once_and_no_others`; `make images`'), []);
  assert.deepEqual(cell('laws: `a_law_that_is_not_there`'), ['1.1.1: laws has no test a_law_that_is_not_there']);
  assert.deepEqual(cell('edge: `nothing_at_all`'), ['1.1.1: edge has no test nothing_at_all']);
  assert.deepEqual(cell('templates: `tables outlive mistakes`, `tables outlive us`'), ['1.1.1: templates has no test tables outlive us']);
  assert.deepEqual(cell('`make believe`'), ['1.1.1: there is no make believe']);
  assert.deepEqual(cell('trust us'), ['1.1.1: "trust us" names no test']);
});

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...['architecture', 'security', 'policies', 'operations', 'anywhere', 'capacity', 'consumers', 'cost'].map((name) => `docs/${name}.md`),
];

test('every page of ours that a document leads to exists', () => {
  const anchor = (title) => title.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-');
  for (const name of DOCUMENTS) {
    for (const [, path, fragment] of read(name).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = path ? join(dirname(name), path) : name;
      assert.ok(existsSync(new URL(`../${target}`, import.meta.url)), `${name}: ${target}`);
      if (!fragment) continue;
      const anchors = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchor(title));
      assert.ok(anchors.includes(fragment), `${name}: ${target}#${fragment}`);
    }
  }
});
