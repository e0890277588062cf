// The contents of the tables, and what docs/policies.md says about them: `{ [table]: [attribute, …] }`.

import { readFileSync } from 'node:fs';
import { cellsOf } from './asvs.mjs';

// The attributes of all current rows.
export async function stored(endpoint, prefix) {
  const ask = (operation, body) => call(endpoint, operation, body);
  const { TableNames: tables } = await ask('ListTables', {});
  const found = await Promise.all(tables.map(async (name) => {
    const attributes = new Set();
    let from;
    do {
      const { Items, LastEvaluatedKey } = await ask('Scan', { TableName: name, ConsistentRead: true, ExclusiveStartKey: from });
      for (const item of Items) for (const attribute of Object.keys(item)) attributes.add(attribute);
      from = LastEvaluatedKey;
    } while (from);
    return [name.slice(prefix.length), [...attributes].sort()];
  }));
  return Object.fromEntries(found);
}

// The attributes that the table below "Data" does not list. A name that ends in `…` stands for all names with that
// beginning.
export function unknown(attributes, known) {
  const knows = (attribute) => (name) => (name.endsWith('…') ? attribute.startsWith(name.slice(0, -1)) : attribute === name);
  return attributes.filter((attribute) => !known.some(knows(attribute)));
}

// The attributes in that table.
export function documented() {
  const text = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
  const data = text.split(/^## /m).find((part) => part.startsWith('Data\n'));
  const known = {};
  for (const [first, second, ...rest] of data.split('\n').filter((line) => line.startsWith('| `')).map(cellsOf)) {
    if (rest.length !== 3) throw new Error(`docs/policies.md: ${first} ${second}`);
    const [table] = first.match(/\w+/);
    known[table] = [...(known[table] ?? []), ...second.match(/[\w#]+…?/g)];
  }
  return known;
}

// The local DynamoDB checks no signature.
async function call(endpoint, operation, body) {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${operation}`,
    'x-amz-date': '20260101T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  };
  const answer = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
