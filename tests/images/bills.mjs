// The bill of materials of each program, which lies beside its image.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUPS } from './support/programs.mjs';
import { alone, bill, compiled } from './support/linked.mjs';
import { places } from './support/places.mjs';

for (const name of GROUPS.flat()) {
  // OWASP ASVS 15.1.2.
  test(`lists what is compiled into ${name}, and nothing else`, () => {
    const { bomFormat, specVersion, metadata, components, dependencies } = bill(name);
    assert.deepEqual([bomFormat, specVersion, metadata.component.name], ['CycloneDX', '1.5', name]);
    const triple = metadata.properties.find((property) => property.name.endsWith(':triple')).value;
    const listed = [metadata.component, ...components].map((component) => `${component.name} ${component.version}`).sort();
    assert.deepEqual(listed, compiled(name, triple));
    assert.deepEqual(alone(name, triple).filter((crate) => !listed.includes(crate)), []);
    const known = new Set([metadata.component, ...components].map((component) => component['bom-ref']));
    for (const { ref, dependsOn } of dependencies) for (const each of [ref, ...dependsOn]) assert.ok(known.has(each), each);
    for (const { name: crate, purl, hashes } of components) assert.ok(hashes?.length > 0 || /download_url=file:/.test(purl), crate);
    for (const path of places()) assert.ok(!JSON.stringify(bill(name)).includes(path), path);
  });
}
