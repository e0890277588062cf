// The tests that docs/security.md names, and whether they exist.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rows } from './asvs.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// Words that a row may have in place of a test.
const WORDS = [/^none$/, /^scene, as each answer is read$/, /^as \d+\.\d+\.\d+$/];
// The owners of tests that do not belong to a crate.
const FILES = {
  journeys: ['tests/journeys', 'tests/journeys.test.mjs'],
  templates: ['tests/templates.test.mjs'],
  contract: ['tests/contract.test.mjs'],
  routes: ['tests/routes.test.mjs'],
  images: ['tests/images'],
  security: ['tests/security.test.mjs'],
};

// The faults of the tests that the tables of the document name, one line each.
export function strangers(text) {
  const tables = rows(text).filter(({ cells: [first] }) => first !== 'what' && !/^-+$/.test(first));
  return tables.flatMap(({ section, part, cells }) => (hasTests(section, part) && isRow(cells) ? judge(cells.at(-1)) : []).map((fault) => `${cells[0]}: ${fault}`));
}

const hasTests = (section, part) => /^(OWASP ASVS|RFC|NIST)/.test(section) && part !== 'What does not apply';
const isRow = (cells) => cells.at(-1) !== 'test' && !/^-+$/.test(cells.at(-1));

function judge(cell) {
  return (cell.match(/(?:`[^`]*`|[^`;])+/g) ?? []).map((part) => part.trim()).filter(Boolean).flatMap((part) => {
    if (WORDS.some((word) => word.test(part))) return [];
    const [, target] = part.match(/^`make (\w+)`$/) ?? [];
    if (target) return new RegExp(`^${target}:`, 'm').test(read('Makefile')) ? [] : [`there is no make ${target}`];
    const [, owner, list] = part.match(/^([\w-]+): ((?:`[^`]+`(?:, )?)+)$/) ?? [];
    if (!owner) return [`"${part}" names no test`];
    return [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name).filter((name) => !exists(owner, name)).map((name) => `${owner} has no test ${name}`);
  });
}

// `laws` are the tests that every function with a route has; `all` is each function that has the test, so at least two.
function exists(owner, name) {
  if (owner === 'laws') return laws().has(name);
  if (owner === 'all') return readdirSync(join(ROOT, 'functions')).filter((crate) => testsOf(crate).has(name)).length > 1;
  return testsOf(owner).has(name);
}

function laws() {
  const made = new Set(read('shared/scene/src/laws.rs').match(/\w+/g));
  const written = [...read('shared/scene/src/law.rs').matchAll(/^pub (?:async )?fn (\w+)/gm)].map(([, name]) => name);
  return new Set(written.filter((name) => made.has(name)));
}

const found = new Map();

function testsOf(owner) {
  if (!found.has(owner)) found.set(owner, new Set(FILES[owner] ? scripts(FILES[owner]) : functions(owner)));
  return found.get(owner);
}

// Test functions of a crate. If a function's parameter has no type, `on_both_stores!` makes two tests of it.
function functions(crate) {
  const home = ['functions', 'shared', 'infra'].map((folder) => `${folder}/${crate}`).find((path) => existsSync(join(ROOT, path, 'Cargo.toml')));
  if (!home) throw new Error(`${crate} is no crate`);
  return sources(home, '.rs').flatMap((text) => [
    ...[...text.matchAll(/#\[(?:tokio::)?test\b[^\]]*\]\s*(?:(?:#\[[^\]]*\]|\/\/[^\n]*)\s*)*(?:async )?fn (\w+)/g)].map(([, name]) => name),
    ...[...text.matchAll(/^ +async fn (\w+)\((?:mut )?\w+\) \{$/gm)].map(([, name]) => name),
  ]);
}

function scripts(paths) {
  const texts = paths.filter((path) => existsSync(join(ROOT, path))).flatMap((path) => sources(path, '.mjs'));
  return texts.flatMap((text) => [...text.matchAll(/\btest\((?:'((?:[^'\\]|\\.)*)'|`([^`]*)`)/g)].map(([, quoted, other]) => (quoted ?? other).replace(/\\(.)/g, '$1')));
}

function sources(path, extension) {
  if (statSync(join(ROOT, path)).isFile()) return [read(path)];
  return readdirSync(join(ROOT, path), { recursive: true })
    .filter((file) => file.endsWith(extension)).map((file) => read(join(path, file)));
}

function read(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}
