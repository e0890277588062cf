// OWASP ASVS 5.0.0 as listed in asvs.tsv, and what docs/security.md says about it.

import { readFileSync } from 'node:fs';

const LIST = new URL('asvs.tsv', import.meta.url);
const ID = /(?<![\d.])\d+\.\d+\.\d+(?![\d.])/g;

// The level of each requirement: `Map { '1.1.1' => 2, … }`, in the standard's order.
export function levels() {
  const lines = readFileSync(LIST, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => line.split('\t')).map(([id, level, title]) => {
    if (!/^\d+\.\d+\.\d+$/.test(id) || !/^[123]$/.test(level) || !title) throw new Error(`asvs.tsv: ${id}`);
    return [id, Number(level)];
  }));
}

// The rows of the document's tables: `[{ section, part, cells }]`, by their headings.
export function rows(text) {
  const found = [];
  let [section, part] = ['', ''];
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) [section, part] = [line.slice(3), ''];
    else if (line.startsWith('### ')) part = line.slice(4);
    else if (line.startsWith('| ')) found.push({ section, part, cells: cellsOf(line) });
  }
  return found;
}

// A bar between backticks is part of a name.
export function cellsOf(line) {
  return line.slice(1, line.lastIndexOf('|')).match(/(?:`[^`]*`|[^`|])+/g).map((cell) => cell.trim());
}

const isAbout = ({ section }) => section === 'OWASP ASVS 5.0';
const isOut = ({ part }) => part === 'What does not apply';

// The requirements that the tables on ASVS name: `[{ id, marked, out }]`. Ranges are expanded in the list's order.
export function named(text, known) {
  return rows(text).filter(isAbout).flatMap((row) => row.cells[0].split(',').flatMap((part) => {
    const [, first, last, mark] = part.trim().match(/^(\d+\.\d+\.\d+)(?:–(\d+\.\d+\.\d+))?( \(L3\))?$/) ?? [];
    if (!first) return [];
    return range(first, last ?? first, known).map((id) => ({ id, marked: mark !== undefined, out: isOut(row) }));
  }));
}

function range(first, last, known) {
  const ids = [...known.keys()];
  const [from, to] = [ids.indexOf(first), ids.indexOf(last)];
  return from < 0 || to < from ? [...new Set([first, last])] : ids.slice(from, to + 1);
}

// The faults in how the document names requirements, one line each.
export function faults(text) {
  const known = levels();
  const all = named(text, known);
  const seen = new Map();
  for (const { id } of all) seen.set(id, (seen.get(id) ?? 0) + 1);
  const mentioned = text.slice(0, text.indexOf('\n## RFC ')).match(ID) ?? [];
  return [
    ...[...new Set(mentioned)].filter((id) => !known.has(id)).map((id) => `${id} is no requirement`),
    ...[...seen].filter(([, times]) => times > 1).map(([id, times]) => `${id} stands in ${times} rows`),
    ...all.filter(({ id, marked }) => known.has(id) && marked !== (known.get(id) === 3)).map(({ id }) => `${id} is of level ${known.get(id)}`),
    ...[...known].filter(([id, level]) => level < 3 && !seen.has(id)).map(([id, level]) => `${id} (level ${level}) is not named`),
  ];
}
