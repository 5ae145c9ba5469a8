// The folder of a finding: a topology that anybody can run, its capture, the report as JSON and as a page, and
// the three sentences. What is written is what `egresslab run` of that topology gives.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExploreFinding, story } from '../../explore/finding.ts';
import { topologyText } from '../../explore/finding-text.ts';
import { CaptureDirectory } from '../../platform/capture-directory.ts';
import { writeWhole } from '../../platform/explore/folder.ts';
import type { RunReport } from '../../scenario/report.ts';
import { parseTopology } from '../../topology/parse.ts';
import type { Session } from '../commands/command.ts';
import { HtmlReport } from '../html-report.ts';

/** What was written. */
export interface WrittenFinding {
  /** '001-no-node-ip', below the folder of findings. */
  readonly name: string;
  readonly story: readonly string[];
  /** Null when the topology could not be read again, as the story reports. */
  readonly report: RunReport | null;
}

/** `number` from 1; `findings`: the folder of all findings, with its whole path. */
export async function writeFinding(
  finding: ExploreFinding,
  number: number,
  findings: string,
  session: Session,
): Promise<WrittenFinding> {
  const name = `${String(number).padStart(3, '0')}-${finding.property.replaceAll(/[^a-z0-9-]+/gi, '-')}`;
  const directory = join(findings, name);
  mkdirSync(directory, { recursive: true });
  const text = topologyText(finding);
  writeWhole(join(directory, 'topology.yaml'), text);
  const { topology } = parseTopology(text, { file: 'topology.yaml' });
  if (topology === null) return { name, story: story(finding, null), report: null };
  rmSync(join(directory, 'report.html'), { force: true });
  const page = new HtmlReport('report.html', directory);
  const captures = new CaptureDirectory('.', directory);
  try {
    const report = await session.runScenario(topology, {
      recorder: page.recorder,
      captureName: 'capture',
      openCapture: (request) => captures.open(request),
    });
    writeWhole(join(directory, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    page.write(report, text);
    const told = story(finding, report);
    writeFileSync(join(directory, 'story.txt'), `${told.join('\n')}\n`);
    return { name, story: told, report };
  } finally {
    captures.close();
  }
}
