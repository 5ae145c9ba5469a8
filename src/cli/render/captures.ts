// Which captures were written, what is missing in them, the command that opens each where it is interesting, and
// the port to look at first.

import { shellWord } from '../../base/shell-word.ts';
import type { CaptureReport, RunReport } from '../../scenario/report.ts';
import type { Style } from './style.ts';
import { formatBytes, formatLabTime, plural, printable } from './text.ts';

/** What of a run tells where to look. */
export type CapturedRun = Pick<RunReport, 'captures' | 'analysis' | 'flows'>;

/** The capture files of a run, and what did not fit into them. */
export function renderCaptures(run: CapturedRun, style: Style): string[] {
  return run.captures.flatMap((capture) => {
    const size = `${plural(capture.frames, 'frame')} on ${plural(capture.ports.length, 'port')}`;
    const facts = `${printable(capture.path)}   ${size}, ${formatBytes(capture.bytes)}`;
    const hints = [wiresharkCommand(capture), firstLook(run, capture)];
    return [
      facts,
      ...missing(capture).map((line) => `  ${line}`),
      ...hints.flatMap((hint) => (hint === null ? [] : [style.dim(`  ${printable(hint)}`)])),
    ];
  });
}

function missing({ full, ring }: CaptureReport): string[] {
  const lines: string[] = [];
  if (full !== undefined) {
    const later = `${plural(full.missed, 'later frame')} ${full.missed === 1 ? 'is' : 'are'} not in it`;
    lines.push(`full after ${formatLabTime(full.at)}: ${later}`);
  }
  if (ring !== undefined && ring.files.length > 1) {
    lines.push(
      `in ${plural(ring.files.length, 'file')}, from ${printable(ring.files[0] ?? '')} on`,
    );
  }
  if (ring !== undefined && ring.removed > 0) {
    lines.push(
      `${plural(ring.removed, 'older file')} made room for ${ring.removed === 1 ? 'it' : 'them'}`,
    );
  }
  return lines;
}

function wiresharkCommand(capture: CaptureReport): string | null {
  if (capture.format === 'text' || capture.path === '-') return null;
  const open = `wireshark -r ${shellWord(capture.path)}`;
  return capture.filter === null ? open : `${open} -Y ${shellWord(capture.filter)}`;
}

/** A frame appears at each captured port that it crosses: one port at a time tells a story. */
function firstLook(run: CapturedRun, { format, ports }: CaptureReport): string | null {
  if (format !== 'pcapng' || ports.length < 2) return null;
  const seen = placesOf(run).find(({ port }) => ports.some((each) => port(each)));
  const name = ports.find((each) => seen?.port(each) === true);
  if (seen === undefined || name === undefined) return null;
  return `look first at ${name}, ${seen.why}: frame.interface_name == "${name}"`;
}

interface Place {
  readonly port: (name: string) => boolean;
  readonly why: string;
}

/** Best first: who changed its mind about an address most often, then where flows arrive and begin. */
function placesOf({ analysis, flows }: CapturedRun): Place[] {
  const believers = (analysis?.addresses ?? [])
    .flatMap(({ address, beliefs }) => beliefs.map((belief) => ({ address, ...belief })))
    .toSorted((a, b) => b.spans.length - a.spans.length)
    .map(({ address, interface: name, observer, spans }) => ({
      port: (each: string) => each === `${observer}/${name}`,
      why: spans.length > 1 ? `which changed its mind about ${address}` : `which knew ${address}`,
    }));
  const worst = flows.toSorted((a, b) => b.longestOutage - a.longestOutage);
  return [
    ...believers,
    ...worst.map(({ name, to }) => ({ port: onMachine(to), why: `where flow ${name} arrives` })),
    ...worst.map(({ from, name }) => ({ port: onMachine(from), why: `where flow ${name} begins` })),
  ];
}

function onMachine(machine: string): (port: string) => boolean {
  return (port) => port.startsWith(`${machine}/`);
}
