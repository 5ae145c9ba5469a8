// Which frames are shown: words that must all be found in what a row says, its machines, reasons and note. Some
// words mean more: `drops`, `packet:42`, and the name of a flow.

import type { RunReport } from '../../scenario/report.ts';
import type { LadderRow } from '../../view/ladder.ts';

/** Indices of the frames that match, in order. */
export function shownFrames(
  frames: readonly LadderRow[],
  filter: string,
  flows: RunReport['flows'],
): number[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const tests = words.map((word) => testOf(word, frames, flows));
  const shown: number[] = [];
  for (const [index, row] of frames.entries()) {
    if (tests.every((test) => test(row))) shown.push(index);
  }
  return shown;
}

/** The filter that shows one packet from end to end. */
export function packetFilter(packet: number): string {
  return `packet:${packet}`;
}

type Test = (row: LadderRow) => boolean;

function testOf(word: string, frames: readonly LadderRow[], flows: RunReport['flows']): Test {
  if (word === 'drops') return ({ drops }) => drops.length > 0;
  const packet = /^packet:(\d+)$/.exec(word);
  if (packet !== null) return (row) => row.packet === Number(packet[1]);
  const flow = flows.find(({ name }) => name.toLowerCase() === word);
  if (flow === undefined) return (row) => saysOf(row).some((text) => text.includes(word));
  const packets = packetsOf(flow, frames);
  return (row) => packets.has(row.packet);
}

/** All that a row says, in lower case. */
function saysOf({ drops, from, note, text, to }: LadderRow): string[] {
  const said = [text, note ?? '', from?.machine ?? '', from?.port ?? ''];
  for (const { machine, port } of to) said.push(machine, port);
  for (const { device, reason } of drops) said.push(device, reason);
  return said.map((each) => each.toLowerCase());
}

/** The packets that the client of a flow sent or got, in its protocol and with its port. */
function packetsOf(
  { from: client, protocol }: RunReport['flows'][number],
  frames: readonly LadderRow[],
): Set<number> {
  const [name = '', port = ''] = protocol.split(' ');
  const found = new Set<number>();
  for (const { from, packet, text, to } of frames) {
    const isOfClient = from?.machine === client || to.some(({ machine }) => machine === client);
    if (isOfClient && speaks(text, name, port)) found.add(packet);
  }
  return found;
}

function speaks(text: string, name: string, port: string): boolean {
  if (name === 'icmp') return text.includes('ICMP echo');
  const isProtocol = name === 'tcp' ? text.includes('Flags [') : text.includes('UDP');
  return isProtocol && (text.includes(`.${port} >`) || text.includes(`.${port}:`));
}
