// A graph as a Mermaid flowchart (mermaid.js.org), as GitHub and GitLab draw it in Markdown.

import type { GraphNodeKind, TopologyGraph } from './graph.ts';

/** What stands around the label; the shapes of Mermaid's flowcharts. */
const SHAPES: Readonly<Record<GraphNodeKind, readonly [string, string]>> = {
  segment: ['{{', '}}'],
  host: ['[', ']'],
  node: ['[[', ']]'],
  pod: ['(', ')'],
  kernel: ['[/', '/]'],
};

/** Text of several lines that ends with a line break. */
export function mermaid({ edges, nodes, title }: TopologyGraph): string {
  const boxes = nodes.map(({ id, kind, lines }) => {
    const [open, close] = SHAPES[kind];
    return `  ${id}${open}${label(lines)}${close}`;
  });
  const cables = edges.map(({ from, lines, to }) =>
    lines.length === 0 ? `  ${from} --- ${to}` : `  ${from} ---|${label(lines)}| ${to}`,
  );
  // The front matter is YAML, and JSON is YAML.
  const head = ['---', `title: ${JSON.stringify(title)}`, '---', 'flowchart LR'];
  return `${[...head, ...boxes, ...cables].join('\n')}\n`;
}

/**
 * In quotes anything may stand but quotes; and what HTML or Mermaid's own Markdown would read. So all but
 * letters, digits and the punctuation of addresses are entity codes (`#34;`).
 */
function label(lines: readonly string[]): string {
  const entity = (character: string): string => `#${character.codePointAt(0)};`;
  const texts = lines.map((line) => line.replaceAll(/[^\p{L}\p{N} .,:/@-]/gu, entity));
  return `"${texts.join('<br/>')}"`;
}
