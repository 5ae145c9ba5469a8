// How a campaign looks to people: the space before it begins, a line of progress on a terminal, and the table
// of findings at the end; or one JSON document.

import type { Campaign, CampaignHeader } from '../../explore/campaign.ts';
import { itemText } from '../../explore/genome.ts';
import type { Space } from '../../explore/space.ts';
import type { Io } from '../io.ts';
import { renderTable } from '../render/table.ts';
import { formatCount } from '../render/text.ts';
import type { CampaignEnd } from './campaign-end.ts';

const REFRESH_MILLISECONDS = 250;
const ERASE_LINE = '\r\x1b[2K';

/** Tells of one campaign. */
export class CampaignView {
  readonly #io: Io;
  readonly #json: boolean;
  #started = performance.now();
  #firstRuns: number | null = null;
  #refreshed = 0;
  #visible = false;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.#json = json;
  }

  /** What will be explored. */
  begin(header: CampaignHeader, space: Space): void {
    this.#started = performance.now();
    if (this.#json) return;
    const part = header.slices === 1 ? '' : `, slice ${header.slice + 1} of ${header.slices}`;
    const lines = [
      `explore  ${header.name}, ${header.strategy}, seed ${header.seed}${part}`,
      ...space.describe(header.grid),
    ];
    this.#io.stdout.write(`${lines.join('\n')}\n`);
  }

  /** Redraws the line of progress, now and then. */
  progress(campaign: Campaign): void {
    this.#firstRuns ??= campaign.runs;
    const now = performance.now();
    if (!this.#io.stderr.isTerminal || now - this.#refreshed < REFRESH_MILLISECONDS) return;
    this.#refreshed = now;
    this.#visible = true;
    const { runs, sinceNew, size, states, suspicions } = campaign;
    const pace = ((runs - this.#firstRuns) / ((now - this.#started) / 1000)).toFixed(1);
    const of = size === null ? '' : ` of ${formatCount(size)}`;
    this.#io.stderr.write(
      `${ERASE_LINE}${formatCount(runs)}${of} runs, ${pace}/s, ${states} states, the last new one ${sinceNew} runs ago, ${suspicions.length} suspicions`,
    );
  }

  /** A signal came. */
  stopping(): void {
    this.#clear();
    this.#io.stderr.write(
      'Stopping: finishing the runs under way. Press Ctrl-C again to quit at once.\n',
    );
  }

  /** The table of findings, and how to go on. */
  end({ campaign, findings }: CampaignEnd, out: string, stopped: boolean): void {
    this.#clear();
    const { novelty, runs, sinceNew, states } = campaign;
    if (this.#json) {
      this.#io.stdout.write(`${JSON.stringify(jsonOf({ campaign, findings }), null, 2)}\n`);
      return;
    }
    const columns = [
      { title: 'FINDING' },
      { title: 'SEEN', align: 'right' },
      { title: 'FIRST', align: 'right' },
      { title: 'SHIFTS', align: 'right' },
      { title: 'FAULTS' },
    ] as const;
    const rows = findings.map(({ count, finding, first, written }) => [
      written.name,
      String(count),
      String(first),
      `${finding.shifts.same}/${finding.shifts.of}`,
      finding.genome.items.map(itemText).join('; '),
    ]);
    const lines = findings.length === 0 ? ['no findings'] : renderTable(columns, rows, 100);
    const chance = `${(novelty * 100).toFixed(0)} %`;
    this.#io.stdout.write(
      `${lines.join('\n')}\n${formatCount(runs)} runs, ${states} states, the last new one ${sinceNew} runs ago; the next run shows something new with a chance of ${chance}\n`,
    );
    if (findings.length > 0) this.#io.stdout.write(`written  ${out}/findings, ${out}/index.html\n`);
    if (stopped) this.#io.stdout.write(`resume   the same command with --resume\n`);
  }

  #clear(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.#io.stderr.write(ERASE_LINE);
  }
}

function jsonOf({ campaign, findings }: CampaignEnd): unknown {
  const { header, judged, novelty, runs, sinceNew, states, tried } = campaign;
  return {
    name: header.name,
    strategy: header.strategy,
    seed: header.seed,
    runs,
    states,
    sinceNew,
    novelty,
    tried: Object.fromEntries(tried),
    judged: Object.fromEntries(judged),
    findings: findings.map(({ count, finding, first, written }) => ({
      folder: written.name,
      property: finding.property,
      signature: finding.signature,
      seen: count,
      first,
      size: finding.size,
      shifts: finding.shifts,
      reproducible: finding.reproducible,
      faults: finding.genome.items,
      story: written.story,
    })),
  };
}
