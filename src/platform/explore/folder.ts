// The folder of a campaign: what it is, its results in segments that are there whole or not at all, and what
// was found. Only ever added to, and readable after a kill at any moment. One process at a time writes.
//
//   campaign.json            the header
//   results/00000000.jsonl   one result a line, in the order of runs, from that run on
//   looked.jsonl             what became of each suspicion, one a line
//   findings/001-…/          a topology with its capture and reports

import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EgressLabError } from '../../base/errors.ts';
import type { CampaignHeader } from '../../explore/campaign.ts';
import type { ExploreFinding } from '../../explore/finding.ts';
import type { ExploreResult } from '../../explore/run.ts';
import type { ShrinkRequest } from '../../explore/shrink.ts';
import { errnoOf, explainErrno } from '../errno.ts';
import { FileClaim, removeDeadClaims } from '../file-claim.ts';

/** Results of one segment. */
const SEGMENT = 100;

interface Looked {
  readonly request: ShrinkRequest;
  readonly finding: ExploreFinding | null;
}

/** A campaign's folder, open for writing. */
export class CampaignFolder {
  readonly path: string;
  readonly #directory: string;
  readonly #claim: FileClaim;
  #segment: string[] = [];
  #first: number;

  private constructor(path: string, directory: string, claim: FileClaim, first: number) {
    this.path = path;
    this.#directory = directory;
    this.#claim = claim;
    this.#first = first;
  }

  /**
   * Opens the folder of a campaign. One that exists must be resumed, and be of the same campaign.
   * @throws EgressLabError EGL_EXPLORE_FOLDER
   */
  static open(
    path: string,
    directory: string,
    header: CampaignHeader,
    resume: boolean,
  ): { readonly folder: CampaignFolder; readonly past: CampaignPast } {
    return guarded(path, () => {
      mkdirSync(join(directory, 'results'), { recursive: true });
      mkdirSync(join(directory, 'findings'), { recursive: true });
      removeDeadClaims(directory);
      const claim = FileClaim.take(join(directory, 'campaign.json'), null);
      if (claim === null) throw inUse(path);
      try {
        const past = readCampaign(directory);
        if (past.header !== null && !resume) throw exists(path);
        if (past.header === null && resume) throw nothingThere(path);
        if (past.header !== null && !isSame(past.header, header)) throw another(path);
        if (past.header === null) {
          writeWhole(join(directory, 'campaign.json'), `${JSON.stringify(header, null, 2)}\n`);
        }
        return { folder: new CampaignFolder(path, directory, claim, past.results.length), past };
      } catch (error) {
        claim.release();
        throw error;
      }
    });
  }

  /** In the order of runs. @throws EgressLabError EGL_EXPLORE_FOLDER, for a full disk say */
  results(results: readonly ExploreResult[]): void {
    for (const result of results) this.#segment.push(JSON.stringify(result));
    if (this.#segment.length >= SEGMENT) this.flush();
  }

  /** What became of a suspicion. @throws EgressLabError EGL_EXPLORE_FOLDER */
  looked(request: ShrinkRequest, finding: ExploreFinding | null): void {
    const line: Looked = { request, finding };
    guarded(this.path, () =>
      appendFileSync(join(this.#directory, 'looked.jsonl'), `${JSON.stringify(line)}\n`),
    );
  }

  /** Writes the results that wait as a segment of their own. @throws EgressLabError EGL_EXPLORE_FOLDER */
  flush(): void {
    if (this.#segment.length === 0) return;
    const name = `${String(this.#first).padStart(8, '0')}.jsonl`;
    guarded(this.path, () =>
      writeWhole(join(this.#directory, 'results', name), `${this.#segment.join('\n')}\n`),
    );
    this.#first += this.#segment.length;
    this.#segment = [];
  }

  /** The folder is free for others. */
  close(): void {
    this.#claim.release();
  }
}

/** What a folder holds; nothing of it when there is no campaign. */
export interface CampaignPast {
  readonly header: CampaignHeader | null;
  readonly results: readonly ExploreResult[];
  /** By `requestKey`. */
  readonly looked: ReadonlyMap<string, ExploreFinding | null>;
}

/** One request, as a key. */
export function requestKey(request: ShrinkRequest): string {
  return JSON.stringify([request.genome, request.property, request.subject]);
}

/** Reads a folder, whoever writes to it: segments up to the first gap, and no half line. */
export function readCampaign(directory: string): CampaignPast {
  const file = join(directory, 'campaign.json');
  if (!existsSync(file)) return { header: null, results: [], looked: new Map() };
  const header = JSON.parse(readFileSync(file, 'utf8')) as CampaignHeader;
  const results: ExploreResult[] = [];
  const names = readdirSync(join(directory, 'results')).filter((name) =>
    /^\d{8}\.jsonl$/.test(name),
  );
  for (const name of names.sort()) {
    if (Number.parseInt(name, 10) !== results.length) break;
    results.push(...linesOf<ExploreResult>(join(directory, 'results', name)));
  }
  const looked = new Map<string, ExploreFinding | null>();
  for (const { finding, request } of linesOf<Looked>(join(directory, 'looked.jsonl'))) {
    looked.set(requestKey(request), finding);
  }
  return { header, results, looked };
}

function linesOf<T>(file: string): readonly T[] {
  if (!existsSync(file)) return [];
  const lines: T[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    try {
      lines.push(JSON.parse(line) as T);
    } catch {
      // The line during which the process was killed; what it said is found again.
    }
  }
  return lines;
}

/** There whole or not at all. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.part`;
  const descriptor = openSync(draft, 'w');
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

function isSame(a: CampaignHeader, b: CampaignHeader): boolean {
  return JSON.stringify(a) === JSON.stringify(JSON.parse(JSON.stringify(b)));
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof EgressLabError) throw cause;
    const environment = errnoOf(cause) === 'ENOSPC' || errnoOf(cause) === 'EROFS';
    throw new EgressLabError(
      'EGL_EXPLORE_FOLDER',
      `cannot write to ${path}: ${explainErrno(cause)}`,
      {
        hint: 'What is in it is whole: make room and continue with --resume, or name another folder.',
        fault: environment ? 'environment' : 'input',
        cause,
      },
    );
  }
}

function inUse(path: string): EgressLabError {
  return new EgressLabError('EGL_EXPLORE_FOLDER', `another process writes to ${path}`, {
    hint: 'Give another folder with --out, or wait until it is done.',
  });
}

function exists(path: string): EgressLabError {
  return new EgressLabError('EGL_EXPLORE_FOLDER', `${path} holds a campaign already`, {
    hint: 'Continue it with --resume, or give another folder with --out.',
  });
}

function nothingThere(path: string): EgressLabError {
  return new EgressLabError('EGL_EXPLORE_FOLDER', `${path} holds no campaign to resume`, {
    hint: 'Leave --resume out, or name the folder of a campaign with --out.',
  });
}

function another(path: string): EgressLabError {
  return new EgressLabError('EGL_EXPLORE_FOLDER', `${path} holds another campaign`, {
    hint: 'The topology, the options and the version of egresslab must be the same; else give another folder with --out.',
  });
}
