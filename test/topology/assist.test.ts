import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meaningAt, suggestionsAt } from '../../src/topology/assist/assist.ts';
import { placeAt } from '../../src/topology/assist/place.ts';
import { topologyJsonSchema } from '../../src/topology/json-schema.ts';

const schema = topologyJsonSchema();

/** What is offered at '|'. */
function offered(marked: string): string[] {
  const at = marked.indexOf('|');
  const text = marked.replace('|', '');
  return suggestionsAt(schema, text, at).suggestions.map((each) => each.text);
}

const HEAD = `name: a
segments: { lan: { subnet: 10.0.0.0/24 }, dmz: { subnet: 10.1.0.0/24 } }
hosts:
  web:
    interfaces: { eth0: { segment: lan, address: 10.0.0.1 } }
`;

test('keys are offered at the top, in blocks, in braces and in items of lists', () => {
  expect(offered('na|')).toEqual(expect.arrayContaining(['name', 'segments', 'hosts', 'scenario']));
  expect(offered(`${HEAD}    |`)).toContain('interfaces');
  expect(offered(`${HEAD}    services:\n      - |`).length).toBeGreaterThan(1);
  expect(offered(HEAD.replace('address:', 'addr|'))).toContain('segment');
  expect(offered(`${HEAD}scenario:\n  duration: 1s\n  |`)).toEqual(
    expect.arrayContaining(['flows', 'steps']),
  );
  expect(offered(`${HEAD}scenario:\n  steps:\n    - at: 1s\n      |`)).toEqual(
    expect.arrayContaining(['fail', 'ping', 'link']),
  );
  expect(offered(`${HEAD}scenario:\n  steps: [{ at: 1s, f| }]`)).toContain('fail');
});

test('values are offered: words of the schema, and names of the topology', () => {
  expect(offered(`${HEAD}scenario:\n  steps:\n    - { at: 1s, fail: | }`)).toContain('web');
  expect(offered(`${HEAD}scenario:\n  steps:\n    - { at: 1s, fail: web, how: | }`)).toContain(
    'unplugged',
  );
  expect(offered(HEAD.replace('segment: lan', 'segment: |'))).toEqual(
    expect.arrayContaining(['lan', 'dmz']),
  );
  expect(offered('# na|')).toEqual([]);
});

test('a key says what it means', () => {
  expect(meaningAt(schema, HEAD, HEAD.indexOf('subnet') + 2)).toMatch(/^subnet: \S+/);
  expect(meaningAt(schema, HEAD, HEAD.indexOf('hosts') + 1)).toMatch(/^hosts: /);
  expect(meaningAt(schema, HEAD, HEAD.indexOf('10.0.0.1'))).toBe(null);
});

test('every key of an included topology is known where it stands', () => {
  const text = readFileSync(new URL('../../topologies/automatic.yaml', import.meta.url), 'utf8');
  let known = 0;
  for (const { index } of text.matchAll(
    /(?<=^ *|[{,] |- )(at|from|to|segment|subnet|role|fail|duration|steps)(?=:)/gm,
  )) {
    expect(meaningAt(schema, text, index), text.slice(index, index + 40)).not.toBe(null);
    known++;
  }
  expect(known).toBeGreaterThan(20);
});

test('nothing that is typed makes it fail', () => {
  const letters = fc.constantFrom(...'ab:-{}[],"\'# \n|&*!%@');
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 60 }), fc.nat(60), (text, at) => {
      placeAt(text, at);
      suggestionsAt(schema, `fail: ${text}`, Math.min(at + 6, text.length));
      meaningAt(schema, text, Math.min(at, text.length));
    }),
    { numRuns: 300 },
  );
});
