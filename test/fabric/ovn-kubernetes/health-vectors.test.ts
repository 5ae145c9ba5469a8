import { describe, expect, test } from 'vitest';
import { DialOutcome } from '../../../src/fabric/dialer.ts';
import { EgressIpManager } from '../../../src/fabric/ovn-kubernetes/control/allocator/manager.ts';
import { CheckTicker } from '../../../src/fabric/ovn-kubernetes/control/health/check-ticker.ts';
import {
  GrpcClient,
  healthStatus,
} from '../../../src/fabric/ovn-kubernetes/control/health/grpc-client.ts';
import {
  alwaysReachable,
  check,
  type HealthClient,
} from '../../../src/fabric/ovn-kubernetes/control/health/health-client.ts';
import {
  answersDial,
  LegacyClient,
} from '../../../src/fabric/ovn-kubernetes/control/health/legacy-client.ts';
import type {
  HealthSession,
  HostNetwork,
} from '../../../src/fabric/ovn-kubernetes/host-network.ts';
import { resolveProfile } from '../../../src/fabric/ovn-kubernetes/profile.ts';
import { Random } from '../../../src/sim/random.ts';
import { Scheduler } from '../../../src/sim/scheduler.ts';
import { type Nanos, seconds } from '../../../src/sim/time.ts';
import { nodeOf } from './objects.ts';
import { type Vector, vectors } from './vector-file.ts';

type Server = 'up' | 'silent' | 'refused' | 'notServing';

interface Given {
  readonly connected?: boolean;
  readonly probeFailed?: boolean;
  readonly T?: number;
  readonly interval?: number;
  readonly session?: 'up';
  readonly client?: 'scripted';
  readonly nodes?: readonly string[];
}

interface Step {
  readonly do: string;
  readonly service?: string;
  readonly server?: Server;
  readonly outcome?: string;
  readonly mgmtIPs?: number;
  readonly T?: number;
  readonly phase?: number;
  readonly answers?: Readonly<Record<string, boolean>>;
  readonly disconnectFirst?: readonly string[];
  readonly node?: string;
}

interface Expect {
  readonly reachable?: boolean | Readonly<Record<string, boolean>>;
  readonly connected?: boolean | Readonly<Record<string, boolean>>;
  readonly probeFailed?: boolean;
  readonly lasts?: 0 | 'T';
  readonly probesGrow?: readonly string[];
  readonly probesSame?: readonly string[];
  readonly status?: string;
  readonly downAt?: number;
}

const QUIET = { log: () => undefined, event: () => undefined };

/** A network on which servers answer at once, or as told. */
class FakeServers implements Pick<HostNetwork, 'connectHealth' | 'dial'> {
  server: Server = 'up';
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  connectHealth(
    _address: string,
    _port: number,
    timeout: Nanos,
    done: (session: HealthSession | null) => void,
  ): void {
    const { server } = this;
    const session: HealthSession = {
      check: (limit, answer) => {
        switch (this.server) {
          case 'up':
            this.#soon(0, () => answer('serving'));
            break;
          case 'notServing':
            this.#soon(0, () => answer('not-serving'));
            break;
          case 'refused':
            this.#soon(0, () => answer('failed'));
            break;
          case 'silent':
            this.#soon(limit, () => answer('failed'));
        }
      },
      close: () => undefined,
    };
    if (server === 'silent') this.#soon(timeout, () => done(null));
    else this.#soon(0, () => done(server === 'refused' ? null : session));
  }

  dial(
    _address: unknown,
    _port: number,
    timeout: Nanos,
    done: (outcome: DialOutcome) => void,
  ): void {
    if (this.server === 'silent') this.#soon(timeout, () => done(DialOutcome.Timeout));
    else this.#soon(0, () => done(DialOutcome.Refused));
  }

  #soon(delay: Nanos, task: () => void): void {
    this.#scheduler.after(delay, task, null, null);
  }
}

/** One client and one server in virtual time. */
class ClientBench {
  readonly scheduler = new Scheduler();
  readonly servers = new FakeServers(this.scheduler);
  readonly timeout: Nanos;
  client: GrpcClient;

  constructor({ connected, probeFailed, T = 1 }: Given) {
    this.timeout = seconds(T);
    this.client = new GrpcClient({
      node: 'node1',
      scheduler: this.scheduler,
      host: this.servers,
      timeout: this.timeout,
      voice: QUIET,
      probeFailed: probeFailed ?? false,
    });
    if (connected === true) this.check('up', true);
  }

  check(server: Server, connect = false): { readonly reachable: boolean; readonly lasted: Nanos } {
    this.servers.server = server;
    const began = this.scheduler.now;
    let ended: Nanos | null = null;
    let verdict = false;
    const done = (reachable: boolean): void => {
      verdict = reachable;
      ended = this.scheduler.now;
    };
    if (connect) this.client.connect(['10.128.0.2'], done);
    else check(this.client, ['10.128.0.2'], done);
    this.scheduler.advanceTo(began + this.timeout * 3);
    if (ended === null) throw new Error('the check never ended');
    return { reachable: verdict, lasted: ended - began };
  }
}

function runClient(vector: Vector<Given, Step, Expect>): void {
  const bench = new ClientBench(vector.given);
  let reachable = false;
  const assertState = (wanted: Expect): void => {
    if (wanted.reachable !== undefined) expect(reachable).toBe(wanted.reachable);
    if (wanted.connected !== undefined) expect(bench.client.isConnected).toBe(wanted.connected);
    if (wanted.probeFailed !== undefined) expect(bench.client.probeFailed).toBe(wanted.probeFailed);
  };
  for (const step of vector.steps) {
    const checked = bench.check(step.server ?? 'up');
    reachable = checked.reachable;
    if (step.expect === undefined) continue;
    assertState(step.expect);
    if (step.expect.lasts !== undefined) {
      expect(checked.lasted).toBe(step.expect.lasts === 'T' ? bench.timeout : 0);
    }
  }
  if (vector.expect !== undefined) assertState(vector.expect);
}

/** A client whose answers are a script and which keeps its session when a probe fails. */
class ScriptedClient implements HealthClient {
  isConnected = false;
  answer = true;
  probes = 0;

  connect(_addresses: readonly string[], done: (reachable: boolean) => void): void {
    this.isConnected = this.answer;
    done(this.answer);
  }

  probe(done: (reachable: boolean) => void): void {
    if (this.answer) this.probes++;
    done(this.answer);
  }

  disconnect(): void {
    this.isConnected = false;
  }
}

function runLoop({ given, steps, expect: last }: Vector<Given, Step, Expect>): void {
  const names = given.nodes ?? [];
  const clients = new Map(names.map((name) => [name, new ScriptedClient()]));
  const clientOf = (name: string): ScriptedClient => clients.get(name) ?? new ScriptedClient();
  const manager = new EgressIpManager({
    random: new Random(1),
    quirks: resolveProfile('head').quirks,
    isCloud: false,
    voice: QUIET,
    client: clientOf,
    patch: (_name, _patch, done) => done(null),
    askCloud: (_request, done) => done(),
  });
  const node = (name: string, label: boolean) =>
    nodeOf({ name, label, primary: ['192.168.126.12/24'], hostCIDRs: ['192.168.126.12/24'] });
  const assertState = (wanted: Expect, before: ReadonlyMap<string, number>): void => {
    for (const [name, connected] of Object.entries(wanted.connected ?? {})) {
      expect(clientOf(name).isConnected, name).toBe(connected);
    }
    for (const [name, reachable] of Object.entries(wanted.reachable ?? {})) {
      expect(manager.allocator.record(name)?.reachable, name).toBe(reachable);
    }
    for (const name of wanted.probesGrow ?? []) {
      expect(clientOf(name).probes).toBeGreaterThan(before.get(name) ?? 0);
    }
    for (const name of wanted.probesSame ?? []) {
      expect(clientOf(name).probes).toBe(before.get(name) ?? 0);
    }
  };
  for (const step of steps) {
    const before = new Map(names.map((name) => [name, clientOf(name).probes]));
    for (const [name, answer] of Object.entries(step.answers ?? {})) clientOf(name).answer = answer;
    for (const name of step.disconnectFirst ?? []) clientOf(name).disconnect();
    if (step.do === 'addNodes') for (const name of names) manager.addNode(node(name, true));
    else if (step.do === 'check') manager.check();
    else manager.updateNode(node(step.node ?? '', true), node(step.node ?? '', false));
    if (step.expect !== undefined) assertState(step.expect, before);
  }
  if (last !== undefined) assertState(last, new Map());
}

/** Seconds from the moment a node goes silent to the verdict of the check loop. */
function downAt(kind: 'grpc' | 'legacy', phase: number, T: number, interval: number): number {
  const scheduler = new Scheduler();
  const servers = new FakeServers(scheduler);
  const timeout = seconds(T);
  const options = { node: 'node1', scheduler, timeout, voice: QUIET };
  const client =
    kind === 'grpc'
      ? new GrpcClient({ ...options, host: servers })
      : new LegacyClient({ ...options, dialer: servers });
  let down: number | null = null;
  const silentAt = seconds(10 * interval - phase);
  const pass = (done: () => void): void =>
    check(client, ['10.128.0.2'], (reachable) => {
      if (!reachable) down ??= scheduler.now;
      done();
    });
  new CheckTicker(scheduler, pass, seconds(interval)).start();
  scheduler.advanceTo(silentAt);
  servers.server = 'silent';
  scheduler.advanceTo(silentAt + seconds(40));
  if (down === null) throw new Error('the node never went down');
  return (down - silentAt) / 1e9;
}

function dialOutcome(text: string): DialOutcome {
  const outcomes: Readonly<Record<string, DialOutcome>> = {
    connected: DialOutcome.Connected,
    refused: DialOutcome.Refused,
    ENETUNREACH: DialOutcome.NetworkUnreachable,
    EHOSTUNREACH: DialOutcome.HostUnreachable,
    timeout: DialOutcome.Timeout,
  };
  return outcomes[text] ?? DialOutcome.Failed;
}

function runDial({ given, steps }: Vector<Given, Step, Expect>): void {
  for (const step of steps) {
    if (step.do === 'dial') {
      expect(answersDial(dialOutcome(step.outcome ?? ''))).toBe(step.expect?.reachable);
      continue;
    }
    const scheduler = new Scheduler();
    const T = step.T ?? given.T ?? 1;
    const servers = new FakeServers(scheduler);
    const options = { node: 'node1', scheduler, timeout: seconds(T), voice: QUIET };
    const client = T === 0 ? alwaysReachable : new LegacyClient({ ...options, dialer: servers });
    let verdict: boolean | null = null;
    const addresses = Array.from({ length: step.mgmtIPs ?? 1 }, (_, index) => `10.128.${index}.2`);
    check(client, addresses, (reachable) => {
      verdict = reachable;
    });
    scheduler.advanceTo(seconds(10));
    expect(verdict).toBe(step.expect?.reachable);
  }
}

function run(vector: Vector<Given, Step, Expect>): void {
  const { given, steps, tolerance_ms = 0 } = vector;
  switch (steps[0]?.do) {
    case 'serverCheck':
      for (const { service, expect: wanted } of steps) {
        expect(healthStatus(service ?? '')).toBe(wanted?.status);
      }
      break;
    case 'silentAt':
      for (const { phase = 0, T = given.T ?? 1, expect: wanted } of steps) {
        const kind = given.session === 'up' ? 'grpc' : 'legacy';
        const seen = downAt(kind, phase, T, given.interval ?? 5);
        expect(Math.abs(seen - (wanted?.downAt ?? 0)) * 1000).toBeLessThanOrEqual(tolerance_ms);
      }
      break;
    case 'dial':
    case 'dialNode':
      runDial(vector);
      break;
    default:
      if (given.client === 'scripted') runLoop(vector);
      else runClient(vector);
  }
}

describe('nodes are found up and down as the original finds them', () => {
  test.each(
    vectors<Given, Step, Expect>('healthVectors').map((vector) => [vector.name, vector] as const),
  )('%s', (_name, vector) => run(vector));
});

describe('the ticker', () => {
  test('keeps one tick that comes during a pass and loses the others', () => {
    const scheduler = new Scheduler();
    const began: number[] = [];
    const pass = (done: () => void): void => {
      began.push(scheduler.now / 1e9);
      scheduler.after(seconds(began.length === 1 ? 12 : 1), done, null, null);
    };
    new CheckTicker(scheduler, pass).start();
    scheduler.advanceTo(seconds(26));
    expect(began).toEqual([5, 17, 20, 25]);
  });
});
