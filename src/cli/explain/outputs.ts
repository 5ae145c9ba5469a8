// Files that `egresslab explain` writes besides what it prints: the capture again with what is found as comments on its
// frames, and a page. Both need the frames once more, so the captures are read a second time.

import { EgressLabError } from '../../base/errors.ts';
import { PcapngRewriter } from '../../capture/rewriting/pcapng-rewriter.ts';
import { annotationsOf } from '../../explain/annotations.ts';
import { type ExplainedCapture, Explainer } from '../../explain/explainer.ts';
import { KeptFrames } from '../../explain/kept-frames.ts';
import type { Explanation } from '../../explain/model.ts';
import { type CheckedProperty, recordOf } from '../../explain/page-record.ts';
import { CaptureDraft } from '../../platform/capture-draft.ts';
import { explainCaptures } from '../../platform/explain-captures.ts';
import { HtmlReport } from '../html-report.ts';
import { STANDARD_INPUT } from '../standard-input.ts';

/** What to write; null for nothing. */
export interface WantedOutputs {
  readonly write: string | null;
  readonly html: string | null;
}

/** Opened before anything is read, so that nobody waits in vain. */
export class ExplainOutputs {
  readonly #draft: CaptureDraft | null;
  readonly #page: HtmlReport | null;
  readonly #files: readonly string[];
  readonly #workingDirectory: string;

  /** @throws EgressLabError as CaptureDraft and HtmlReport; EGL_USAGE for standard input, which is read once */
  constructor(wanted: WantedOutputs, files: readonly string[], workingDirectory: string) {
    const option = wanted.write === null ? '--html' : '--write';
    if ((wanted.write !== null || wanted.html !== null) && files.includes(STANDARD_INPUT)) {
      throw new EgressLabError('EGL_USAGE', `${option} needs files: standard input is read once`, {
        hint: 'Record with `tcpdump -w FILE` first.',
      });
    }
    this.#files = files;
    this.#workingDirectory = workingDirectory;
    this.#page = wanted.html === null ? null : new HtmlReport(wanted.html, workingDirectory);
    this.#draft = wanted.write === null ? null : new CaptureDraft(wanted.write, workingDirectory);
  }

  /** Reads the captures again and writes. @throws EgressLabError as the constructor */
  async write(found: Explanation, checked: readonly CheckedProperty[]): Promise<void> {
    if (this.#draft === null && this.#page === null) return;
    const comments = annotationsOf(found);
    const kept = new KeptFrames();
    const rewriter =
      this.#draft === null
        ? null
        : new PcapngRewriter(this.#draft, 'comments on frames: what egresslab explain found');
    const interfaces = new Map<string, number>();
    const isOne = this.#files.length === 1;
    const explainer = new Explainer(null, (record, file, number, at) => {
      const more = comments.get(number) ?? [];
      const point = nameOfPoint(file, record.interface);
      if (this.#page !== null) kept.add(record, number, at, point, more);
      if (rewriter === null) return;
      const info = file.interfaces[record.interface];
      if (info === undefined) return;
      const key = `${file.path}\0${record.interface}`;
      let id = interfaces.get(key);
      if (id === undefined) {
        const name = isOne ? info.name : `${file.path}: ${point}`;
        id = rewriter.interface({ ...info, name });
        interfaces.set(key, id);
      }
      // Of one file the times stay as they are; of several those of one clock.
      const [seconds, nanos] = isOne
        ? [record.seconds, record.nanos]
        : [found.start + Math.floor(at / 1e9), Math.floor(((at % 1e9) + 1e9) % 1e9)];
      rewriter.frame(record, id, seconds, nanos, more);
    });
    explainer.baseOf(found.start);
    const clocks = found.files.map(({ clock }) => clock);
    const workingDirectory = this.#workingDirectory;
    await explainCaptures(this.#files, explainer, { workingDirectory, clocks });
    rewriter?.close();
    this.#draft?.keep();
    this.#page?.writeRecord(recordOf(found, kept, checked));
  }

  /** Nothing is left behind. */
  discard(): void {
    this.#draft?.discard();
  }
}

function nameOfPoint(file: ExplainedCapture, index: number): string {
  return file.interfaces[index]?.name ?? `interface ${index}`;
}
