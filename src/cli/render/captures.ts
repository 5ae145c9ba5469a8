// Which captures were written, and the command that opens each where it is interesting.

import { shellWord } from '../../base/shell-word.ts';
import type { CaptureReport } from '../../scenario/report.ts';
import type { Style } from './style.ts';
import { formatBytes, plural, printable } from './text.ts';

/** The capture files of a run, and what did not fit into them. */
export function renderCaptures(captures: readonly CaptureReport[], style: Style): string[] {
  return captures.flatMap((capture) => {
    const size = `${plural(capture.frames, 'frame')} on ${plural(capture.ports.length, 'port')}`;
    const facts = `${printable(capture.path)}   ${size}, ${formatBytes(capture.bytes)}`;
    const command = wiresharkCommand(capture);
    return command === null ? [facts] : [facts, style.dim(`  ${command}`)];
  });
}

function wiresharkCommand(capture: CaptureReport): string | null {
  if (capture.format === 'text') return null;
  const open = `wireshark -r ${shellWord(capture.path)}`;
  return printable(capture.filter === null ? open : `${open} -Y ${shellWord(capture.filter)}`);
}
