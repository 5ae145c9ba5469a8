import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dot } from '../../src/view/dot.ts';
import { type TopologyGraph, topologyGraph } from '../../src/view/graph.ts';
import { mermaid } from '../../src/view/mermaid.ts';
import { shippedScenarios, topologyOf } from '../support/scenarios.ts';
import { requireTools } from '../support/tools.ts';

const SMALL = topologyOf(
  `name: small
segments:
  lan: { subnet: 10.0.0.0/24 }
  dmz: {}
links: [{ segments: [lan, dmz] }]
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
`,
  'small.yaml',
);

/** Any text on one line; what a label may hold at most. */
const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => {
  return text.replaceAll(/[\s\p{C}]/gu, ' ');
});

function labelled(lines: readonly string[]): TopologyGraph {
  const node = (id: string) => ({ id, kind: 'host' as const, lines });
  const edges = [{ from: 'n0', to: 'n1', lines }];
  return { title: lines[0] ?? '', nodes: [node('n0'), node('n1')], edges };
}

/** What a Mermaid label says, once its entities are read. */
function mermaidText(label: string): string[] {
  const decoded = (text: string): string =>
    text.replaceAll(/#(\d+);/g, (_all, code) => String.fromCodePoint(Number(code)));
  return label.split('<br/>').map(decoded);
}

describe('the graph of a topology', () => {
  test('has a box for each segment and machine, and a line for each cable', () => {
    expect(topologyGraph(SMALL)).toEqual({
      title: 'small',
      nodes: [
        { id: 'n0', kind: 'segment', lines: ['lan', '10.0.0.0/24'] },
        { id: 'n1', kind: 'segment', lines: ['dmz'] },
        { id: 'n2', kind: 'host', lines: ['a'] },
      ],
      edges: [
        { from: 'n2', to: 'n0', lines: ['eth0', '10.0.0.1/24'] },
        { from: 'n0', to: 'n1', lines: [] },
      ],
    });
  });

  test('shows nodes with their role, and pods on their nodes', () => {
    const automatic = shippedScenarios().find(({ name }) => name === 'automatic');
    const { edges, nodes } = topologyGraph(automatic?.load() ?? SMALL);
    const worker = nodes.find(({ lines }) => lines[0] === 'worker01');
    const pod = nodes.find(({ kind }) => kind === 'pod');
    expect(worker).toMatchObject({ kind: 'node', lines: ['worker01', 'worker'] });
    expect(pod?.lines).toEqual(['web', 'mywebserver', '10.11.0.2']);
    expect(edges).toContainEqual({ from: worker?.id, to: pod?.id, lines: [] });
  });
});

describe('Mermaid', () => {
  test('is a flowchart with one statement a line', () => {
    expect(mermaid(topologyGraph(SMALL))).toBe(`---
title: "small"
---
flowchart LR
  n0{{"lan<br/>10.0.0.0/24"}}
  n1{{"dmz"}}
  n2["a"]
  n2 ---|"eth0<br/>10.0.0.1/24"| n0
  n0 --- n1
`);
  });

  test('says any label as it is, and no label breaks out of its quotes', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
        const rows = mermaid(labelled(lines)).split('\n').slice(4, -1);
        const [box = '', , edge = ''] = rows;
        expect(rows).toHaveLength(3);
        expect(mermaidText(/^ {2}n0\["([^"]*)"\]$/.exec(box)?.[1] ?? '')).toEqual(lines);
        expect(mermaidText(/^ {2}n0 ---\|"([^"|]*)"\| n1$/.exec(edge)?.[1] ?? '')).toEqual(lines);
      }),
    );
  });
});

describe('DOT', () => {
  test('is an undirected graph with a shape for each kind of box', () => {
    expect(dot(topologyGraph(SMALL))).toBe(`graph "small" {
  layout=neato;
  overlap=false;
  n0 [shape=hexagon, label="lan\\n10.0.0.0/24"];
  n1 [shape=hexagon, label="dmz"];
  n2 [shape=box, label="a"];
  n2 -- n0 [label="eth0\\n10.0.0.1/24"];
  n0 -- n1;
}
`);
  });

  test('says any label as it is, and no label breaks out of its quotes', () => {
    fc.assert(
      fc.property(line, (text) => {
        const box = dot(labelled([text])).split('\n')[3] ?? '';
        const label = /^ {2}n0 \[shape=box, label="((?:[^"\\]|\\.)*)"\];$/u.exec(box)?.[1] ?? '';
        expect(label.replaceAll(/\\(.)/gu, '$1')).toBe(text);
      }),
    );
  });

  const graphviz = requireTools('dot');
  test.skipIf(graphviz.skip)(
    `is read by Graphviz, for every lab that comes along${graphviz.remark}`,
    () => {
      for (const { load } of shippedScenarios()) {
        const graph = topologyGraph(load());
        const read = spawnSync('dot', ['-Tplain'], { input: dot(graph), encoding: 'utf8' });
        expect(read.stderr).toBe('');
        const boxes = read.stdout.split('\n').filter((row) => row.startsWith('node '));
        expect(boxes).toHaveLength(graph.nodes.length);
      }
    },
  );
});
