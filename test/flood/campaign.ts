// `egresslab up` with a TAP in a network namespace of its own, and frames that nobody should send, sent by the
// kernel's end of it: whether the lab goes on, serves afterwards, ends in order, and how much memory it took.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLab } from '../../src/lab/lab.ts';
import { errnoOf } from '../../src/platform/errno.ts';
import { withinNamespace } from '../../src/platform/linux/network-namespace.ts';
import { openPacketDevice } from '../../src/platform/packet-device.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { formatMac } from '../../src/wire/mac-address.ts';
import { readPcapng } from '../support/pcapng.ts';
import { Flood } from './frames.ts';

/** What came of a flood. */
export interface FloodOutcome {
  readonly sent: number;
  readonly seconds: number;
  /** Of those that the kernel handed to the lab's end of the TAP, by its own counter. */
  readonly delivered: number;
  /** Afterwards, a ping from the namespace to a host of the lab. */
  readonly answered: boolean;
  /** Of the lab after SIGTERM. */
  readonly exitCode: number | null;
  /** The lab's largest resident set. */
  readonly peakMegabytes: number;
}

/** What a flood needs. */
export interface FloodOptions {
  /** dist/main.js */
  readonly main: string;
  /** The text of topologies/tap.yaml, and a capture whose frames are spoiled. */
  readonly topology: string;
  readonly capture: Uint8Array;
  readonly frames: number;
  readonly seed: number;
}

/** Frames that the lab has not taken yet: the queue of a TAP drops what is beyond it without a word. */
const WINDOW = 256;
/** What a lab may take to read so many. */
const PATIENCE_MILLISECONDS = 30_000;
/** struct virtio_net_hdr, which PACKET_VNET_HDR wants before each frame. */
const VIRTIO_HEADER = 10;
const HOST = '192.168.50.10';

/** Sends so many frames, and looks what is left. Root; removes what it made. */
export async function floodLab(options: FloodOptions): Promise<FloodOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'egresslab-flood-'));
  const namespace = `eglf${process.pid}`;
  const text = options.topology.replace('tap: egl0,', `tap: egl0, netns: ${namespace},`);
  const file = join(directory, 'flood.yaml');
  writeFileSync(file, text);
  const lab = spawn(process.execPath, [options.main, 'up', file, '-q', '--no-capture'], {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: directory },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await deviceUp(namespace, lab);
    const flood = new Flood(options.seed, framesOf(options.capture), macsOf(text));
    const began = performance.now();
    await send(namespace, flood, options.frames, lab);
    const seconds = (performance.now() - began) / 1000;
    const delivered = deliveredBy(namespace);
    const answered = await pings(namespace);
    const peak = peakMegabytes(lab);
    lab.kill('SIGTERM');
    if (lab.exitCode === null && lab.signalCode === null) await once(lab, 'exit');
    const { exitCode } = lab;
    return { sent: options.frames, seconds, delivered, answered, exitCode, peakMegabytes: peak };
  } finally {
    if (lab.exitCode === null) lab.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function send(netns: string, flood: Flood, count: number, lab: ChildProcess): Promise<void> {
  const device = openPacketDevice({
    kind: 'packet',
    name: 'egl0',
    netns,
    segment: 'lan',
    position: { file: 'flood', line: 1, column: 1, path: '' },
  });
  try {
    const buffer = new Uint8Array(VIRTIO_HEADER + 2048);
    let wanted = deliveredBy(netns);
    for (let sent = 0; sent < count; ) {
      if (lab.exitCode !== null || lab.signalCode !== null) throw new Error('the lab ended');
      for (let burst = 0; burst < WINDOW && sent < count; burst++) {
        const frame = flood.next();
        buffer.set(frame, VIRTIO_HEADER);
        let fate = write(device.descriptor, buffer, VIRTIO_HEADER + frame.length);
        while (fate === 'full') {
          await sleep(1);
          fate = write(device.descriptor, buffer, VIRTIO_HEADER + frame.length);
        }
        if (fate === 'sent') wanted++;
        sent++;
      }
      await taken(netns, wanted);
    }
  } finally {
    device.close();
  }
}

/** Until the lab has read so many. */
async function taken(netns: string, wanted: number): Promise<void> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  while (deliveredBy(netns) < wanted) {
    if (performance.now() > end) throw new Error('the lab reads no more');
    await sleep(1);
  }
}

/** 'full': the queue of the device takes no more; 'refused': the kernel does not send such a frame. */
function write(
  descriptor: number,
  buffer: Uint8Array,
  length: number,
): 'full' | 'refused' | 'sent' {
  try {
    writeSync(descriptor, buffer, 0, length);
    return 'sent';
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EINVAL' || code === 'EMSGSIZE') return 'refused';
    if (code === 'EAGAIN' || code === 'ENOBUFS') return 'full';
    throw error;
  }
}

async function deviceUp(netns: string, lab: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (lab.exitCode !== null) throw new Error(`the lab ended: ${lab.exitCode}`);
    const words = ['-n', netns, 'link', 'show', 'egl0'];
    const text = await run('ip', words);
    if (text.includes('UP')) return;
    await sleep(50);
  }
  throw new Error('there is no device');
}

function pings(netns: string): Promise<boolean> {
  const words = ['netns', 'exec', netns, 'ping', '-c', '5', '-i', '0.3', '-W', '2', HOST];
  return run('ip', words).then((text) => / [1-5] received/.test(text));
}

/** What a program prints; nothing when it fails. */
function run(program: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, words, (_error, stdout) => resolve(stdout));
  });
}

/** What the lab has read, by the kernel's counter of its end. */
function deliveredBy(netns: string): number {
  const table = withinNamespace(netns, () => readFileSync('/proc/thread-self/net/dev', 'utf8'));
  const [, counters = ''] = /egl0: *(.*)$/m.exec(table) ?? [];
  // The ninth is the packets that were transmitted (proc_net_dev).
  return Number(counters.split(/ +/)[9]);
}

function framesOf(capture: Uint8Array): Uint8Array[] {
  return readPcapng(capture)
    .packets.map(({ data }) => data)
    .filter(({ length }) => length >= 14 && length <= 1514)
    .slice(0, 5000);
}

function macsOf(text: string): string[] {
  // Without its end in the kernel, and what captures that.
  const [lab = ''] = text.split(/^attach:/m);
  const { topology } = parseTopology(lab, { file: 'flood.yaml' });
  if (topology === null) throw new Error('the topology is none');
  return [...createLab(topology).machines.values()].flatMap(({ stack }) =>
    stack.interfaces.map(({ mac }) => formatMac(mac)).filter((mac) => !/^00:00:00/.test(mac)),
  );
}

/** VmHWM (proc_pid_status(5)). */
function peakMegabytes({ pid }: ChildProcess): number {
  const [, kilobytes] =
    /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
