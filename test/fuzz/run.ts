// `npm run fuzz:kernel` (root, Linux): random packets meet a host of the lab and one of the kernel.
//
//   --seed N      which cases; default 1          --count N    how many; default 1000
//   --from N      the first of them; default 0    --minutes N  stop after so long
//   --stop N      stop after so many differences; default 10
//   --case FILE   one saved case again, on both sides
//   --record      asks the kernel again about every saved case and writes down what it does now
//   --save        keep differences as fixtures, made small, under test/fixtures/fuzz
//
// Exit status: 0 no difference, 1 differences, 3 not root or no tools.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../../src/sim/random.ts';
import type { Fixture, FuzzCase, Observation, Outcome } from './case.ts';
import { coincidence } from './coincidence.ts';
import { difference } from './compare.ts';
import { generate } from './generator.ts';
import { removeLeftovers, removeOwn } from './kernel-namespaces.ts';
import { runInKernel } from './kernel-side.ts';
import { runInLab } from './lab-side.ts';
import { normalize } from './normalize.ts';
import { stayOnOneProcessor } from './processor.ts';
import { shrink } from './shrink.ts';

const FOLDER = 'test/fixtures/fuzz';
/** Waits overlap; everything else takes turns. */
const PARALLEL = 6;
/** A busy machine answers late, and some timers mean the next tick, which comes within 4 ms. */
const PATIENCE_MILLISECONDS = 6;
/** How often a case that differed is asked again. */
const REPEATS = 10;
/** While a case is made small. */
const CONFIRMATIONS = 2;
/** Runs in which a number was drawn that was put in as well are made again, so often at most. */
const DRAWS = 5;

interface Verdict {
  readonly seen: Observation;
  readonly kernel: Outcome;
  readonly lab: Outcome;
  /** Null: they agree. */
  readonly where: string | null;
}

/** How a difference came again. */
interface Frequency {
  readonly times: number;
  /** Each place with how often it was the first. */
  readonly places: ReadonlyMap<string, number>;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '1000' },
    stop: { type: 'string', default: '10' },
    case: { type: 'string' },
    record: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});

/** On both sides, again where what was drawn at random happens to be what was put in. */
async function judge(candidate: FuzzCase): Promise<Verdict> {
  for (let draw = 1; ; draw++) {
    const seen = await runInKernel(candidate, PATIENCE_MILLISECONDS);
    const kernel = normalize(candidate.steps, seen);
    const played = runInLab(candidate, seen.times);
    const lab = normalize(candidate.steps, played);
    const where = difference(kernel, lab);
    const { steps } = candidate;
    const isChance = coincidence(steps, seen) !== null || coincidence(steps, played) !== null;
    if (where === null || !isChance || draw === DRAWS) return { seen, kernel, lab, where };
  }
}

/** A difference that is there every time; null when one of the runs shows none. */
async function confirm(candidate: FuzzCase, times: number): Promise<Verdict | null> {
  let last: Verdict | null = null;
  for (let i = 0; i < times; i++) {
    last = await judge(candidate);
    if (last.where === null) return null;
  }
  return last;
}

/** What is drawn at random, and the machine's load, are others each time. */
async function frequency(candidate: FuzzCase): Promise<Frequency> {
  const places = new Map<string, number>();
  let times = 0;
  for (let i = 0; i < REPEATS; i++) {
    const { where } = await judge(candidate);
    if (where === null) continue;
    times++;
    places.set(where, (places.get(where) ?? 0) + 1);
  }
  return { times, places };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

class Campaign {
  readonly #seed = Number(values.seed);
  readonly #end = performance.now() + Number(values.minutes) * 60_000;
  readonly #last = Number(values.from) + Number(values.count);
  #next = Number(values.from);
  #done = 0;
  #steps = 0;
  #found = 0;
  #fleeting = 0;
  #sometimes = 0;
  #reactions = 0;
  #unanswered = 0;

  async run(): Promise<number> {
    const start = performance.now();
    await Promise.all(Array.from({ length: PARALLEL }, () => this.#work()));
    const spent = (performance.now() - start) / 1_000;
    say(
      `${this.#done} sequences, ${this.#steps} frames in ${spent.toFixed(0)} s, ` +
        `${this.#reactions - this.#unanswered} of ${this.#reactions} reactions had a cause; ` +
        `${this.#found} differences` +
        `, ${this.#sometimes} that came again at times, ${this.#fleeting} that did not come again` +
        ` in ${REPEATS} repeats; next --from ${this.#next}`,
    );
    return this.#found + this.#sometimes;
  }

  async #work(): Promise<void> {
    while (
      this.#next < this.#last &&
      performance.now() < this.#end &&
      this.#found < Number(values.stop)
    ) {
      const number = this.#next++;
      const random = new Random(this.#seed).fork(`case ${number}`);
      const candidate = generate(random, `--seed ${this.#seed} --from ${number}`);
      const { where, seen } = await judge(candidate);
      this.#done++;
      this.#steps += candidate.steps.length;
      candidate.steps.forEach(({ reacts }, i) => {
        if (reacts === undefined) return;
        this.#reactions++;
        if (seen.injected[i]?.length === 0) this.#unanswered++;
      });
      if (where !== null) await this.#study(candidate, number, where);
    }
  }

  async #study(candidate: FuzzCase, number: number, where: string): Promise<void> {
    const { times, places } = await frequency(candidate);
    if (times < REPEATS) {
      if (times === 0) this.#fleeting++;
      else this.#sometimes++;
      say(`--- ${candidate.origin} differed again ${times} of ${REPEATS} times\n  ${where}`);
      for (const [place, count] of places) if (place !== where) say(`  ${count} times ${place}`);
      if (times > 0) describe(candidate, null);
      return;
    }
    this.#found++;
    const small = await shrink(
      candidate,
      async (smaller) => (await confirm(smaller, CONFIRMATIONS)) !== null,
    );
    const verdict = await confirm(small, 1);
    if (verdict === null) return;
    describe(small, verdict.where);
    if (values.save) save(`seed-${this.#seed}-${number}`, small, verdict);
  }
}

function describe({ origin, config, steps }: FuzzCase, where: string | null): void {
  say(`--- ${origin}`);
  const { sysctls, routes, rules, nat, conntrack, loopback, filter } = config;
  say(`    ${JSON.stringify({ sysctls, routes, rules, nat, conntrack, loopback, filter })}`);
  for (const { name, addresses, mtu, up } of config.interfaces) {
    say(`    ${name} ${addresses.join(' ')} mtu ${mtu}${up ? '' : ' DOWN'}`);
  }
  for (const { on, frame, wait, follows, reacts, does } of steps) {
    if (does !== undefined) say(`    ! ${JSON.stringify(does)}`);
    const how = follows === true ? ' follows' : reacts === undefined ? '' : JSON.stringify(reacts);
    say(`    > ${on} ${frame} ${wait || ''} ${how}`);
  }
  if (where !== null) say(`  ${where}`);
}

function save(name: string, small: FuzzCase, { seen, kernel, lab }: Verdict): void {
  mkdirSync(FOLDER, { recursive: true });
  const fixture: Fixture = {
    about: '',
    kernel: release(),
    ...small,
    times: rounded(seen),
    expected: kernel,
    lab,
  };
  write(join(FOLDER, `${name}.json`), fixture);
}

function rounded({ times }: Observation): number[] {
  return times.map((time) => Math.round(time * 1_000) / 1_000);
}

function write(path: string, fixture: Fixture): void {
  writeFileSync(path, `${JSON.stringify(fixture, null, 1)}\n`);
}

function chosen(): Promise<number> {
  if (values.record) return record();
  return values.case === undefined ? new Campaign().run() : again(values.case);
}

async function again(path: string): Promise<number> {
  const fixture: FuzzCase = JSON.parse(readFileSync(path, 'utf8'));
  const verdict = await judge(fixture);
  say(JSON.stringify(verdict.kernel, null, 1));
  say(verdict.where === null ? 'the lab does the same' : verdict.where);
  return verdict.where === null ? 0 : 1;
}

/** How many saved cases the lab plays otherwise than the kernel. */
async function record(): Promise<number> {
  let differing = 0;
  for (const name of readdirSync(FOLDER).sort()) {
    const path = join(FOLDER, name);
    const fixture: Fixture = JSON.parse(readFileSync(path, 'utf8'));
    const { seen, kernel, where } = await judge(fixture);
    if (where !== null) {
      differing++;
      say(`${name}: ${where}`);
    }
    write(path, { ...fixture, kernel: release(), times: rounded(seen), expected: kernel });
  }
  return differing;
}

process.on('exit', removeOwn);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  say('fuzz:kernel needs root on Linux: it makes network namespaces.');
  process.exit(3);
}
removeLeftovers();
stayOnOneProcessor();
const found = await chosen();
process.exitCode = found > 0 ? 1 : 0;
