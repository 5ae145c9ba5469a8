// `npm run bench:kernel [seconds]` (root): two network namespaces with the lab between them, beside
// what else can stand between them: a kernel bridge and, where it is installed, vde_switch. All in one
// run, because only figures of one sitting can be compared. Needs iproute2, iputils-ping and iperf3.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What stands between the namespaces. */
interface Middle {
  readonly name: string;
  /** Connects `a` (10.99.0.2 or as `address` says) with `b`; returns how to take it away. */
  start(a: string, b: string): Promise<Running>;
}
interface Running {
  /** The address of `b` as `a` reaches it. */
  readonly target: string;
  /** Whose CPU time counts; null for the kernel itself. */
  readonly pid: number | null;
  stop(): Promise<void>;
}
interface Figures {
  readonly tcp: number;
  readonly tcpBack: number;
  readonly tcpCpu: number | null;
  readonly udp: number;
  readonly udpCpu: number | null;
  readonly median: number;
  readonly p99: number;
}

const MAIN = join(import.meta.dirname, '../../src/main.js');
const PREFIX = `eglb${process.pid}`;
const SECONDS = Number(process.argv[2] ?? 3);
const TICKS_PER_SECOND = 100;
const directory = mkdtempSync(join(tmpdir(), 'egresslab-bench-'));

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function inside(netns: string, ...argv: readonly string[]): string {
  const all = ['netns', 'exec', netns, ...argv];
  return execFileSync('ip', all, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A switch with both ends on it. */
function plain(a: string, b: string, options: string, capture = ''): string {
  return `name: bench
segments: { lan: { subnet: 10.99.0.0/24 } }
hosts: { idle: { interfaces: { eth0: { segment: lan, address: 10.99.0.9/24 } } } }
attach:
  - { tap: a0, segment: lan, netns: ${a}, address: 10.99.0.2/24${options} }
  - { tap: b0, segment: lan, netns: ${b}, address: 10.99.0.3/24${options} }
${capture}`;
}

/** A router with both ends on it. */
function routed(a: string, b: string, snat: string): string {
  return `name: bench
segments: { left: { subnet: 10.99.0.0/24 }, right: { subnet: 10.99.1.0/24 } }
hosts:
  router:
    interfaces:
      l: { segment: left, address: 10.99.0.1/24 }
      r: { segment: right, address: 10.99.1.1/24${snat} }
    forwarding: true
attach:
  - { tap: a0, segment: left, netns: ${a}, address: 10.99.0.2/24, gateway: 10.99.0.1 }
  - { tap: b0, segment: right, netns: ${b}, address: 10.99.1.3/24, gateway: 10.99.1.1 }
`;
}

function lab(
  name: string,
  target: string,
  yaml: (a: string, b: string) => string,
  ...flags: readonly string[]
): Middle {
  return {
    name,
    async start(a, b) {
      const file = join(directory, 'bench.yaml');
      writeFileSync(file, yaml(a, b));
      const argv = [MAIN, 'up', file, '--capture-dir', directory, ...flags];
      const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (chunk) => String(chunk).includes('b0 is attached') && resolve());
        child.once('exit', () => reject(new Error('the lab did not start')));
      });
      return { target, pid: child.pid ?? null, stop: () => ended(child) };
    },
  };
}

const bridge: Middle = {
  name: 'kernel bridge + veth',
  async start(a, b) {
    const name = `${PREFIX}br`;
    ip('link', 'add', name, 'type', 'bridge');
    ip('link', 'set', name, 'up');
    for (const [end, netns, address] of [
      ['a', a, '10.99.0.2/24'],
      ['b', b, '10.99.0.3/24'],
    ] as const) {
      const port = `${PREFIX}${end}`;
      ip('link', 'add', port, 'type', 'veth', 'peer', 'name', `${end}0`, 'netns', netns);
      ip('link', 'set', port, 'master', name, 'up');
      ip('-n', netns, 'address', 'add', address, 'dev', `${end}0`);
      ip('-n', netns, 'link', 'set', `${end}0`, 'up');
    }
    return {
      target: '10.99.0.3',
      pid: null,
      stop: async () => {
        for (const end of ['a', 'b']) ip('link', 'delete', `${PREFIX}${end}`);
        ip('link', 'delete', name);
      },
    };
  },
};

const vde: Middle = {
  name: 'vde_switch',
  async start(a, b) {
    const taps = [`${PREFIX}a`, `${PREFIX}b`] as const;
    const socket = join(directory, 'vde');
    const argv = ['-s', socket, '-tap', taps[0], '-tap', taps[1]];
    const child = spawn('vde_switch', argv, { stdio: ['pipe', 'ignore', 'ignore'] });
    await sleep(500);
    for (const [tap, netns, address] of [
      [taps[0], a, '10.99.0.2/24'],
      [taps[1], b, '10.99.0.3/24'],
    ] as const) {
      ip('link', 'set', tap, 'netns', netns);
      ip('-n', netns, 'address', 'add', address, 'dev', tap);
      ip('-n', netns, 'link', 'set', tap, 'up');
    }
    return { target: '10.99.0.3', pid: child.pid ?? null, stop: () => ended(child) };
  },
};

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** CPU seconds of a process so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Runs an iperf3 client against a server of its own; with the share of a core that the middle took. */
async function iperf(
  { target, pid }: Running,
  a: string,
  b: string,
  ...args: readonly string[]
): Promise<{ readonly end: IperfEnd; readonly cpu: number | null }> {
  const server = spawn('ip', ['netns', 'exec', b, 'iperf3', '-s', '-1'], { stdio: 'ignore' });
  const gone = new Promise((resolve) => server.once('exit', resolve));
  await sleep(300);
  const before = pid === null ? 0 : cpuSeconds(pid);
  const text = inside(a, 'iperf3', '-J', '-c', target, '-t', String(SECONDS), ...args);
  const cpu = pid === null ? null : (cpuSeconds(pid) - before) / SECONDS;
  await Promise.race([gone, sleep(3000)]);
  server.kill('SIGKILL');
  const parsed: { readonly end: IperfEnd } = JSON.parse(text);
  return { end: parsed.end, cpu };
}

interface IperfEnd {
  readonly sum_received: { readonly bits_per_second: number };
  readonly sum: {
    readonly packets?: number;
    readonly lost_packets?: number;
    readonly seconds?: number;
  };
}

async function measure(middle: Middle): Promise<Figures> {
  const [a, b] = [`${PREFIX}na`, `${PREFIX}nb`];
  for (const netns of [a, b]) {
    ip('netns', 'add', netns);
    ip('-n', netns, 'link', 'set', 'lo', 'up');
  }
  let running: Running | null = null;
  try {
    running = await middle.start(a, b);
    await sleep(1500);
    const ping = inside(a, 'ping', '-c', '400', '-i', '0.005', running.target);
    const times = [...ping.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
    times.sort((x, y) => x - y);
    const tcp = await iperf(running, a, b);
    const back = await iperf(running, a, b, '-R');
    const udp = await iperf(running, a, b, '-u', '-l', '64', '-b', '0');
    const { packets = 0, lost_packets: lost = 0, seconds = SECONDS } = udp.end.sum;
    return {
      tcp: tcp.end.sum_received.bits_per_second / 1e9,
      tcpBack: back.end.sum_received.bits_per_second / 1e9,
      tcpCpu: tcp.cpu,
      udp: (packets - lost) / seconds,
      udpCpu: udp.cpu,
      median: times[Math.floor(times.length / 2)] ?? Number.NaN,
      p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    };
  } finally {
    await running?.stop();
    for (const netns of [a, b]) ip('netns', 'delete', netns);
  }
}

function hasProgram(name: string): boolean {
  return ['/usr/bin', '/usr/sbin', '/usr/local/bin'].some((path) => existsSync(join(path, name)));
}

const quiet = '--no-capture';
const middles: readonly Middle[] = [
  lab('lab, no offload', '10.99.0.3', (a, b) => plain(a, b, ', offload: false'), quiet),
  lab('lab', '10.99.0.3', (a, b) => plain(a, b, ''), quiet),
  lab('lab, routed', '10.99.1.3', (a, b) => routed(a, b, ''), quiet),
  lab('lab, routed + SNAT', '10.99.1.3', (a, b) => routed(a, b, ', snat: masquerade'), quiet),
  lab('lab, capture on', '10.99.0.3', (a, b) => plain(a, b, '', 'capture: [kernel/b0]\n')),
  bridge,
  ...(hasProgram('vde_switch') ? [vde] : []),
];

async function main(): Promise<void> {
  const [only] = process.argv.slice(3);
  const write = (line: string): boolean => process.stdout.write(`${line}\n`);
  write(`Node.js ${process.version}, ${SECONDS} s each, load ${loadavg()[0]?.toFixed(1)}`);
  write('                       TCP Gbit/s  back   CPU    64 B UDP/s   CPU    RTT ms median   p99');
  const cpu = (share: number | null): string => (share === null ? '-' : share.toFixed(2));
  for (const middle of middles) {
    if (only !== undefined && !middle.name.includes(only)) continue;
    const figures = await measure(middle);
    write(
      [
        middle.name.padEnd(22),
        figures.tcp.toFixed(2).padStart(10),
        figures.tcpBack.toFixed(2).padStart(6),
        cpu(figures.tcpCpu).padStart(6),
        figures.udp.toFixed(0).padStart(12),
        cpu(figures.udpCpu).padStart(6),
        figures.median.toFixed(3).padStart(15),
        figures.p99.toFixed(3).padStart(7),
      ].join(' '),
    );
  }
}

try {
  await main();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
