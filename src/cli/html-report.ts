// The run as a page: records it, and writes one file that opens in any browser.

import { deflateRawSync } from 'node:zlib';
import { ReportFile } from '../platform/report-file.ts';
import { webAsset } from '../platform/web-assets.ts';
import { encodeRecord } from '../scenario/recording/encoding.ts';
import type { RunRecord } from '../scenario/recording/record.ts';
import { RunRecorder } from '../scenario/recording/recorder.ts';
import { reportPage } from '../scenario/recording/report-page.ts';
import type { RunReport } from '../scenario/report.ts';

/** Give its recorder to the run, then write. */
export class HtmlReport {
  readonly recorder: RunRecorder = new RunRecorder();
  readonly #file: ReportFile;
  readonly #template: string;

  /** Looks whether it can be written, so that nobody waits in vain. @throws EgressLabError as ReportFile */
  constructor(path: string, workingDirectory: string) {
    this.#file = new ReportFile(path, workingDirectory);
    this.#template = webAsset('report.html').toString('utf8');
  }

  /** Writes the page; returns its size in octets. @throws EgressLabError as ReportFile */
  write(report: RunReport, source: string): number {
    return this.writeRecord(this.recorder.finish(report, source));
  }

  /** The same with a record that was made elsewhere. @throws EgressLabError as ReportFile */
  writeRecord(plain: RunRecord): number {
    const record = encodeRecord(plain);
    const { report } = plain;
    const { name } = report.topology;
    const conflict = report.analysis?.addresses.some(({ duplicates }) =>
      duplicates.some(({ kind }) => kind === 'conflict'),
    );
    const title = `${conflict === true ? '! ' : ''}${name}: ${report.outcome} – egresslab`;
    const deflated = deflateRawSync(record).toString('base64');
    const page = reportPage(this.#template, title, deflated);
    this.#file.write(page);
    return Buffer.byteLength(page);
  }
}
