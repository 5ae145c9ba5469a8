// A finding as the text of a topology file.

import { stringify } from 'yaml';
import type { PlainMap } from '../schema/plain-value.ts';
import type { ExploreFinding } from './finding.ts';

/** As YAML, with what it shows as a comment in front. */
export function topologyText(finding: ExploreFinding): string {
  const { document, ownFlows, shifts, signature } = finding;
  const flows = ownFlows
    ? ''
    : '\n# Its flows ask less often than those of the topology that it comes from.';
  const head = [
    `# Found by egresslab explore: ${oneLine(signature)}`,
    `# ${shifts.same} of ${shifts.of} small shifts of the times break the same.${flows}`,
    '# The expectation at the end fails.',
  ];
  return `${head.join('\n')}\n${stringify(withFormat(document), { lineWidth: 0 })}`;
}

/** The capture of a finding is a pcapng. */
function withFormat(document: PlainMap): PlainMap {
  const { capture } = document;
  const isMap = typeof capture === 'object' && capture !== null && !Array.isArray(capture);
  return isMap ? { ...document, capture: { ...capture, format: 'pcapng' } } : document;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
