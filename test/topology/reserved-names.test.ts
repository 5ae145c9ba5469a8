// Names that would mean two things are refused with the reason.

import { describe, expect, test } from 'vitest';
import { parseTopology } from '../../src/topology/parse.ts';

function problemsOf(text: string): string[] {
  return parseTopology(text, { file: 'x' }).diagnostics.map(({ message }) => message);
}

function withHost(name: string, interfaceName = 'eth0'): string {
  return `name: x
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  "${name}": { interfaces: { "${interfaceName}": { segment: lan, address: 192.168.50.10 } } }
`;
}

describe('a machine cannot be called', () => {
  test.each([
    ['drops', 'means the dropped frames in a capture'],
    ['kernel', 'means the devices of this machine'],
    ['nobody', 'means that no machine holds an address'],
    ['broadcast', 'means the address of all stations'],
    ['1.2.3.4', 'would be read as an address'],
    ['10', 'would be read as an address'],
  ])('%s', (name, why) => {
    expect(problemsOf(withHost(name)).join()).toContain(why);
    const asSegment = `name: x\nsegments: { "${name}": { subnet: 192.168.50.0/24 } }\n`;
    if (name !== '10') expect(problemsOf(asSegment).join()).toContain(why);
    const asPod = `name: x
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes: { w: { role: worker, address: 192.168.50.10, subnet: 10.10.0.0/23 } }
  namespaces: { default: { netid: 0 } }
  pods: { "${name}": { namespace: default, node: w } }
`;
    expect(problemsOf(asPod).join()).toContain(why);
  });

  test('a bare number, which a segment may have, as VLANs do', () => {
    expect(problemsOf('name: x\nsegments: { 10: { subnet: 192.168.50.0/24 } }\n')).toEqual([]);
  });

  test('as a link between segments, for steps could not tell them apart', () => {
    const text = `name: x
segments: { lan: { subnet: 192.168.50.0/24 }, dmz: { subnet: 192.168.51.0/24 } }
links: [{ segments: [lan, dmz], name: db }]
hosts: { db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } } }
`;
    expect(problemsOf(text)).toEqual(['there is already a link "db"']);
  });

  test('anything else is fine', () => {
    for (const name of ['lo', 'all', '1.2.3.4a', 'constructor', 'hasOwnProperty', 'drop']) {
      expect(problemsOf(withHost(name)), name).toEqual([]);
    }
  });
});

describe('an interface cannot be called', () => {
  test.each([
    ['lo', 'is the loopback interface'],
    ['all', 'means a group of interfaces'],
    ['default', 'means a group of interfaces'],
    ['*', 'would be read as a pattern'],
    ['eth*', 'would be read as a pattern'],
  ])('%s', (name, why) => {
    expect(problemsOf(withHost('db', name)).join()).toContain(why);
  });

  test('anything else that Linux takes is fine', () => {
    for (const name of ['nobody', 'drops', 'kernel', '1.2.3.4', '-', 'é', "a'b"]) {
      expect(problemsOf(withHost('db', name)), name).toEqual([]);
    }
  });
});
