// Small topologies for tests, and problems as lines that a test can state.

import { expect } from 'vitest';
import type { Diagnostic } from '../../src/schema/diagnostic.ts';
import type { Expectation } from '../../src/topology/expectations/index.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import type { PropertyExpectation } from '../../src/topology/properties/property.ts';
import type { Step } from '../../src/topology/steps/index.ts';
import type { Topology } from '../../src/topology/topology.ts';

/** '3:7 message' or '3:7 message → remedy'. */
export function problemLine({ position, message, remedy }: Diagnostic): string {
  const told = `${position.line}:${position.column} ${message}`;
  return remedy === null ? told : `${told} → ${remedy}`;
}

/** What is wrong with a text, in order; there is no topology then. */
export function problems(text: string): string[] {
  const { topology, diagnostics } = parseTopology(text, { file: 'lab.yaml' });
  expect(topology === null).toBe(diagnostics.length > 0);
  return diagnostics.map(problemLine);
}

/** The topology of a text that has no problem. */
export function sound(text: string): Topology {
  const { topology, diagnostics } = parseTopology(text, { file: 'lab.yaml' });
  expect(diagnostics.map(problemLine)).toEqual([]);
  if (topology === null) throw new Error('no problem and no topology');
  return topology;
}

/** A lab with two segments, a link, three hosts and a cluster; `steps` is put under its scenario. */
export function labWith(steps: string): string {
  return `name: lab
segments:
  lan: { subnet: 192.168.50.0/24 }
  core: {}
links:
  - { name: uplink, segments: [lan, core] }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24, mac: 02:00:00:00:00:0a } }
  router:
    interfaces: { eth0: { segment: lan, address: 192.168.50.1/24 }, eth1: { segment: core, address: 10.0.0.1/8 } }
    forwarding: true
  mute:
    interfaces: { eth0: { segment: core } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 172.16.0.0/23, mac: 02:00:00:00:01:41 }
    worker01: { address: 192.168.50.144, subnet: 172.17.0.0/23 }
  clusterNetwork: 172.16.0.0/12
  namespaces: { shop: { netid: 77 } }
  pods: { web: { namespace: shop, node: worker01 } }
scenario:
  duration: 60s
  flows:
    calls: { from: web, to: db, tcp: 5432 }
  steps:
${steps}`;
}

/** The 1-based line of the first step in `labWith`. */
export const FIRST_STEP_LINE = 29;

/** The one step of a lab, without what all steps have. */
export function step(text: string): Omit<Step, 'position' | 'text' | 'at'> {
  const [only, ...others] = sound(labWith(`    - ${text}\n`)).scenario.steps;
  expect(others).toEqual([]);
  if (only === undefined) throw new Error('a step was left out');
  const { position: _position, text: _text, at: _at, ...rest } = only;
  return rest;
}

/** The one expectation of a lab, checked at 30 s, without what all expectations have. */
export function expectation(
  text: string,
  before = '',
): Omit<Expectation | PropertyExpectation, 'position' | 'text'> {
  const { steps } = sound(labWith(`${before}    - { at: 30s, expect: ${text} }\n`)).scenario;
  const last = steps.at(-1);
  if (last?.kind !== 'expect' || last.expectations.length !== 1) throw new Error('no expectation');
  const [only] = last.expectations;
  if (only === undefined) throw new Error('no expectation');
  const { position: _position, text: _text, ...rest } = only;
  return rest;
}
