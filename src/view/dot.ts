// A graph in the DOT language of Graphviz (graphviz.org/doc/info/lang.html).

import type { GraphNodeKind, TopologyGraph } from './graph.ts';

/** Graphviz's names of shapes. */
const SHAPES: Readonly<Record<GraphNodeKind, string>> = {
  segment: 'hexagon',
  host: 'box',
  node: 'box3d',
  pod: 'ellipse',
  kernel: 'parallelogram',
};

/** Text of several lines that ends with a line break. */
export function dot({ edges, nodes, title }: TopologyGraph): string {
  const boxes = nodes.map(({ id, kind, lines }) => {
    return `  ${id} [shape=${SHAPES[kind]}, label=${quoted(lines)}];`;
  });
  const cables = edges.map(({ from, lines, to }) =>
    lines.length === 0 ? `  ${from} -- ${to};` : `  ${from} -- ${to} [label=${quoted(lines)}];`,
  );
  const body = ['  layout=neato;', '  overlap=false;', ...boxes, ...cables];
  return `graph ${quoted([title])} {\n${body.join('\n')}\n}\n`;
}

/** A quoted string: `\"` and `\\` are what they look like, and lines end with `\n`. */
function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => line.replaceAll(/["\\]/g, '\\$&')).join('\\n')}"`;
}
