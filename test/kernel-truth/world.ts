// The lab with the vocabulary of the scripts (common.sh): hosts that run commands, a case that begins
// and ends, actions that are noted, captures, and time that passes. What the scripts do with real
// programs, a scenario does with the same command lines here.

import { createLab, type Lab } from '../../src/lab/lab.ts';
import type { Machine } from '../../src/lab/machine.ts';
import type { Switch } from '../../src/link/switch.ts';
import { seconds } from '../../src/sim/time.ts';
import type { Interface } from '../../src/stack/device/interface.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import { topologyFromObject } from '../../src/topology/parse.ts';
import { conntrackLines } from '../../src/view/conntrack.ts';
import { type Ipv4Address, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { type MacAddress, parseMac } from '../../src/wire/mac-address.ts';
import { CaseRun, type Mark } from './case-run.ts';
import { COMMANDS } from './commands/index.ts';
import { type Fixture, Roles } from './fixture.ts';
import { Process } from './process.ts';
import { type Filter, Recorder } from './recorder.ts';
import { readTracked } from './tracked.ts';

/** How long it takes until a program does something: `ip netns exec`, and Python for `gt`. */
const STARTUP_SECONDS = 0.003;
const PYTHON_SECONDS = 0.04;
/** Until the shell sees that a command has ended. */
const RETURN_SECONDS = 0.001;
/** A script that waits longer than this for a program waits for ever. */
const PATIENCE_SECONDS = 300;

export class World {
  readonly fixture: Fixture;
  readonly roles: Roles;
  readonly lab: Lab;
  readonly recorder: Recorder;
  readonly cases: CaseRun[] = [];
  /** A file that programs of the scripts look for; its presence is a signal. */
  readonly signals = new Set<string>();
  readonly #actions: Mark[] = [];
  readonly #apps: Mark[] = [];
  #current: CaseRun | null = null;

  /** @throws when the topology is not valid */
  constructor(fixture: Fixture, topology: unknown, seed: number) {
    this.fixture = fixture;
    this.roles = new Roles(fixture);
    const parsed = topologyFromObject(topology, fixture.name);
    if (parsed.topology === null) {
      throw new Error(parsed.diagnostics.map(({ message }) => message).join('\n'));
    }
    this.lab = createLab(parsed.topology, { seed });
    this.recorder = new Recorder(this.lab.scheduler, this.lab.events, this.roles);
  }

  /** @throws when it is no address */
  address(text: string): Ipv4Address {
    return address(text);
  }

  /** Seconds of lab time. */
  get now(): number {
    return this.lab.now / 1e9;
  }

  host(name: string): NetworkStack {
    return this.lab.stack(name);
  }

  machine(name: string): Machine {
    return this.lab.machine(name);
  }

  bridge(segment: string): Switch {
    return this.lab.segment(segment).bridge;
  }

  /** @throws when the host has no such interface */
  nic(host: string, name = 'eth0'): Interface {
    const iface = this.host(host).interface(name);
    if (iface === null) throw new Error(`${host} has no interface ${name}`);
    return iface;
  }

  /** gt_case: ends the case before, if any. */
  case(id: string, ...captures: string[]): CaseRun {
    this.end();
    const truth = this.fixture.cases.find((candidate) => candidate.id === id);
    if (truth === undefined) throw new Error(`${this.fixture.name} has no case ${id}`);
    this.#current = new CaseRun(truth, this.now, captures.length === 0 ? ['wire'] : captures);
    this.cases.push(this.#current);
    return this.#current;
  }

  /** gt_end. */
  end(): void {
    // What happens in the very instant of the end still belongs to the case.
    this.sleep(0.000_001);
    if (this.#current !== null) this.#current.end = this.now;
    this.#current = null;
  }

  /** gt_act: notes that the script does something now. */
  act(text: string): void {
    this.#actions.push({ t: this.now, host: null, text });
  }

  /** gt_do. */
  do(text: string, host: string, command: string): Process {
    this.act(text);
    return this.x(host, command);
  }

  /** gt_x: runs a command to its end. */
  x(host: string, command: string): Process {
    const process = this.bg(host, command);
    this.wait(process);
    return process;
  }

  /** gt_bg: starts a command. */
  bg(host: string, command: string): Process {
    const words = command.split(/\s+/).filter((word) => word !== '');
    const isPython = words[0] === 'gt';
    const [name = '', ...rest] = isPython ? words.slice(1) : words;
    const start = COMMANDS[name];
    if (start === undefined) throw new Error(`there is no command ${name}`);
    const process = new Process(this.lab.scheduler);
    process.after(isPython ? PYTHON_SECONDS : STARTUP_SECONDS, () =>
      start({ world: this, host, process }, rest),
    );
    return process;
  }

  /** gt_wait: until all have ended, and a moment longer. @throws when they don't */
  wait(...processes: readonly Process[]): void {
    const { scheduler } = this.lab;
    const end = scheduler.now + seconds(PATIENCE_SECONDS);
    while (!processes.every((process) => process.done)) {
      const next = scheduler.nextDeadline();
      if (next > end) throw new Error(`a program of ${this.fixture.name} does not end`);
      scheduler.advanceTo(next);
    }
    this.sleep(RETURN_SECONDS);
  }

  /** gt_stop. */
  stop(process: Process): void {
    process.stop();
  }

  sleep(duration: number): void {
    this.lab.advance(Math.round(seconds(duration)));
  }

  /** gt_sysctl. */
  sysctl(host: string, ...settings: readonly string[]): void {
    for (const setting of settings) this.x(host, `sysctl ${setting}`);
  }

  /** gt_prime: resolves an address, so that a later case begins with a known entry. */
  prime(host: string, address: string): void {
    this.x(host, `ping -c 1 -W 2 -q ${address}`);
  }

  /** gt_neighmon. */
  monitor(...hosts: readonly string[]): void {
    for (const host of hosts) this.recorder.monitor(this.host(host));
  }

  /** gt_capsw. */
  captureSwitch(label: string, segment: string): void {
    this.recorder.captureSwitch(label, this.bridge(segment));
  }

  /** gt_cap on an interface of a host; 'lo' too. */
  capture(host: string, iface: string, label: string, accepts: Filter = () => true): void {
    const { port } = this.nic(host, iface);
    this.recorder.capturePort(label, port, iface === 'lo', accepts);
  }

  /** gt_ct: a snapshot of the connection table, of one protocol if given. */
  conntrack(host: string, label: string, protocol: string | null = null): void {
    const lines = conntrackLines(this.machine(host).netfilter, this.lab.now);
    const entries = lines.map((line) => readTracked(line, this.roles));
    const wanted = entries.filter(({ proto }) => protocol === null || proto === protocol);
    this.#case().tables.set(label, wanted);
    this.sleep(STARTUP_SECONDS);
  }

  /** gt_save: keeps what a command prints. */
  save(label: string, host: string, command: string): void {
    this.#case().outputs.set(label, this.x(host, command).output);
  }

  /** rc: runs a command and keeps its exit code. */
  exitCode(host: string, command: string): number {
    const code = this.x(host, command).exitCode ?? 0;
    this.#case().exitCodes.push(code);
    return code;
  }

  /** A line of an application, under the name of its host. */
  say(host: string, text: string): void {
    this.#apps.push({ t: this.now, host, text });
  }

  /** The case of that name. @throws when the script has not played it */
  verdict(id: string): CaseRun {
    const found = this.cases.find((candidate) => candidate.id === id);
    if (found === undefined) throw new Error(`case ${id} was not played`);
    return found;
  }

  /** gt_finish: nothing happens any more; the cases can be judged. */
  finish(): void {
    this.end();
    const record = {
      frames: this.recorder.seen,
      actions: this.#actions,
      apps: this.#apps,
      neighbors: this.recorder.neighborNotes(),
      roles: this.roles,
    };
    for (const played of this.cases) played.attach(record);
  }

  #case(): CaseRun {
    if (this.#current === null) throw new Error('no case has begun');
    return this.#current;
  }
}

/** @throws when it is no address */
export function address(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
}

/** @throws when it is no MAC address */
export function mac(text: string): MacAddress {
  const parsed = parseMac(text);
  if (parsed === null) throw new Error(`not a MAC address: ${text}`);
  return parsed;
}
