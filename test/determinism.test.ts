// Reproducible: one seed, one sequence of octets; whatever the lab is called on disk, however often it
// runs, and whoever else sits silently on the segment.

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RunReport } from '../src/scenario/report.ts';
import type { Topology } from '../src/topology/topology.ts';
import { type PcapngPacket, readPcapng } from './support/pcapng.ts';
import {
  firstDifference,
  type MemoryRun,
  packetLine,
  runInMemory,
  type Scenario,
  shippedScenarios,
  topologyFrom,
  topologyOf,
} from './support/scenarios.ts';

const scenarios = shippedScenarios().map((scenario) => [scenario.name, scenario] as const);

describe.each(scenarios)('%s', (name, { text, load }) => {
  const topology = load();
  let run: Promise<MemoryRun> | null = null;
  /** The run that others are compared with. */
  const first = (): Promise<MemoryRun> => {
    run ??= runInMemory(topology);
    return run;
  };

  test('run twice, is the same to the last octet', async () => {
    const here = await first();
    const again = await runInMemory(topology);
    expect(firstDifference(again.capture, here.capture), `seed ${topology.seed}`).toBe(null);
    expect(JSON.stringify(again.report)).toBe(JSON.stringify(here.report));
  });

  test('read from another place, makes the same capture', async () => {
    const here = await first();
    const file = `/somewhere/else/${name}.yaml`;
    const elsewhere = await runInMemory(topologyOf(text, file));
    expect(firstDifference(elsewhere.capture, here.capture), `seed ${topology.seed}`).toBe(null);
    const told = JSON.stringify(elsewhere.report).replaceAll(file, topology.file);
    expect(told).toBe(JSON.stringify(here.report));
  });

  test('with one more host that says nothing, is the same for all the others', async () => {
    const alone = await runInMemory(topologyFrom(parse(text), name));
    const accompanied = await runInMemory(withBystander(text, name));
    const bystander = readPcapng(accompanied.capture);
    const frames = readPcapng(alone.capture);
    // The same ports, and on each the same octets at the same nanosecond, with the same comments.
    expect(lines(bystander.packets)).toEqual(lines(frames.packets));
    expect(witnessed(accompanied.report)).toEqual(witnessed(alone.report));
  });
});

test('another seed makes another run', async () => {
  const [, automatic] = scenarios.find(([name]) => name === 'automatic') ?? [];
  const topology = (automatic as Scenario).load();
  const one = await runInMemory(topology, { seed: 1 });
  const two = await runInMemory(topology, { seed: 2 });
  expect(firstDifference(two.capture, one.capture)).not.toBe(null);
});

const BYSTANDER = 'bystander';

/** The lab with an idle host plugged in before all others. It has no address, so it never speaks. */
function withBystander(text: string, label: string): Topology {
  const value = parse(text) as {
    readonly segments: Readonly<Record<string, unknown>>;
    readonly hosts?: Readonly<Record<string, unknown>>;
  };
  const [segment] = Object.keys(value.segments);
  const idle = { interfaces: { eth0: { segment } } };
  return topologyFrom({ ...value, hosts: { [BYSTANDER]: idle, ...value.hosts } }, label);
}

/** Each packet as a line with its octets; ports that are the bystander's own left out. */
function lines(packets: readonly PcapngPacket[]): string[] {
  const [first] = packets;
  return packets
    .filter((packet) => !packet.interface.includes(BYSTANDER))
    .map((packet) => {
      const octets = Buffer.from(packet.data).toString('hex');
      return `${packetLine(packet, first?.nanos ?? 0n)} ${packet.flags} ${octets}`;
    });
}

/** What people are told of everybody else. */
function witnessed(report: RunReport): unknown {
  const { timeline, flows, expectations, tables, neighbors, conntrack } = report;
  const verdicts = expectations.map(({ text, verdict }) => [text, verdict]);
  return { timeline, flows, verdicts, tables, neighbors, conntrack };
}
