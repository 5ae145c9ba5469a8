// What Linux's own tools print on a machine of a lab: `ip addr`, `ip link`, `ip route`, `ip rule`, `ip neigh`,
// `ss`, `conntrack -L`, `ovn-nbctl`, and `bridge fdb` of a segment. They only look; changes are made by steps. `-j`
// prints the rows of the view, not iproute2's own JSON. Left out: all other subcommands and flags.

import { EgressLabError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Lab } from '../lab/lab.ts';
import { type AddressRow, addressRows } from './addresses.ts';
import { conntrackLine } from './conntrack.ts';
import { fdbLine, fdbRows } from './fdb.ts';
import { type InterfaceRow, interfaceLine, interfaceRows } from './interfaces.ts';
import { nbctl } from './nbctl.ts';
import { neighborLine, neighborRows } from './neighbors.ts';
import { routeLine, routeRows } from './routes.ts';
import { ruleLine, ruleRows } from './rules.ts';
import { type SocketRow, socketRows, socketTable } from './sockets.ts';
import { VIEW_TABLES } from './tables.ts';

/** What a tool found: its rows, and the lines that it prints. */
export interface ToolOutput {
  readonly rows: readonly object[];
  readonly lines: readonly string[];
}

/** The words of a command, flags and the rest apart. */
interface Words {
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}

type Tool = (lab: Lab, name: string, words: Words) => ToolOutput;

const TOOLS: Readonly<Record<string, Tool>> = { ip, ss, conntrack, bridge, 'ovn-nbctl': ovnNbctl };

/** The tools that there are. */
export const TOOL_NAMES: readonly string[] = Object.keys(TOOLS);

/**
 * Carries out a tool's command on a machine (`bridge fdb`: of a segment) and returns what it prints, each line
 * with its end. @throws EgressLabError EGL_COMMAND, EGL_UNKNOWN_MACHINE, EGL_UNKNOWN_SEGMENT
 */
export function runTool(lab: Lab, name: string, words: readonly string[]): string {
  const [tool = '', ...args] = words;
  const run = Object.hasOwn(TOOLS, tool) ? TOOLS[tool] : undefined;
  if (run === undefined) {
    throw new EgressLabError('EGL_COMMAND', `there is no "${tool}" on a machine of a lab`, {
      hint: `${didYouMean(tool, TOOL_NAMES)}There are: ip addr, ip link, ip route, ip rule, ip neigh, ss, conntrack -L, bridge fdb, ovn-nbctl lr-policy-list, ovn-nbctl lr-nat-list.`,
    });
  }
  const isFlag = (word: string): boolean => /^-\w/.test(word);
  const parsed = { flags: args.filter(isFlag), rest: args.filter((word) => !isFlag(word)) };
  const { lines, rows } = run(lab, name, parsed);
  if (parsed.flags.some((flag) => flag === '-j' || flag === '-json')) {
    return `${JSON.stringify(rows)}\n`;
  }
  return lines.map((line) => `${line}\n`).join('');
}

function ip(lab: Lab, name: string, { flags, rest }: Words): ToolOutput {
  known('ip', flags, ['-j', '-json', '-4', '-br', '-brief', '-d', '-details', '-s']);
  const stack = lab.stack(name);
  const [object = '', ...more] = rest;
  const brief = flags.includes('-br') || flags.includes('-brief');
  const { dev, table } = selection(`ip ${object}`, more);
  const on = (row: { readonly interface: string | null }): boolean =>
    dev === null || row.interface === dev;
  if (matches(object, 'address')) {
    const addresses = addressRows(stack);
    const rows = interfaceRows(stack).filter(on);
    const full = (row: InterfaceRow, at: number): string[] => [
      ...linkLines(row, at),
      ...addresses.filter((each) => each.interface === row.interface).map(inetLine),
    ];
    return { rows, lines: brief ? rows.map(interfaceLine) : rows.flatMap(full) };
  }
  if (matches(object, 'link')) {
    const rows = interfaceRows(stack).filter(on);
    const short = ({ interface: own, mac, state }: InterfaceRow): string =>
      `${own} ${state} ${mac}`;
    return { rows, lines: brief ? rows.map(short) : rows.flatMap(linkLines) };
  }
  if (matches(object, 'route')) {
    const wanted = table ?? 'main';
    const rows = routeRows(stack).filter(
      (row) => on(row) && (wanted === 'all' || row.table === wanted),
    );
    return { rows, lines: rows.map(routeLine) };
  }
  if (matches(object, 'rule')) {
    const rows = ruleRows(stack);
    return { rows, lines: rows.map(ruleLine) };
  }
  // iproute2 takes both spellings.
  if (matches(object.replace(/our$/, 'or'), 'neighbor')) {
    const rows = neighborRows(stack).filter(on);
    return { rows, lines: rows.map((row) => neighborLine(row)) };
  }
  throw unknown(`ip ${object}`, 'ip addr, ip link, ip route, ip rule and ip neigh');
}

function ss(lab: Lab, name: string, { flags, rest }: Words): ToolOutput {
  const letters = flags.filter((flag) => flag !== '-json').map((flag) => flag.slice(1));
  const given = new Set(letters.join(''));
  const strange = [...given].find((letter) => !'tualnjHp4'.includes(letter));
  if (strange !== undefined || rest.length > 0) {
    throw unknown(`ss ${[...flags, ...rest].join(' ')}`, 'the flags -t, -u, -a, -l, -n, -H and -j');
  }
  const both = given.has('t') === given.has('u');
  const isListening = ({ state }: SocketRow): boolean => state === 'LISTEN' || state === 'UNCONN';
  const rows = socketRows(lab.stack(name)).filter((row) => {
    if (!both && given.has('t') !== (row.protocol === 'tcp')) return false;
    return given.has('a') || isListening(row) === given.has('l');
  });
  const lines = socketTable(rows);
  return { rows, lines: given.has('H') ? lines.slice(1) : lines };
}

function conntrack(lab: Lab, name: string, { flags, rest }: Words): ToolOutput {
  known('conntrack', flags, ['-L', '-j', '-json', '-p', '-n', '-o']);
  if (!flags.includes('-L')) throw unknown('conntrack without -L', 'conntrack -L [-p PROTOCOL]');
  const [protocol = null, ...more] = rest;
  if (more.length > 0 || (protocol !== null && !flags.includes('-p'))) {
    throw unknown(`conntrack ${rest.join(' ')}`, 'conntrack -L [-p PROTOCOL]');
  }
  const { name: machine } = lab.machine(name);
  const rows = VIEW_TABLES.conntrack
    .rows(lab, machine)
    .filter((row) => protocol === null || row.protocol === protocol);
  return { rows, lines: rows.map((row) => conntrackLine(row, lab.now)) };
}

function bridge(lab: Lab, name: string, { flags, rest }: Words): ToolOutput {
  known('bridge', flags, ['-j', '-json', '-s']);
  const [object = '', verb = 'show'] = rest;
  if (object !== 'fdb' || verb !== 'show') throw unknown(`bridge ${rest.join(' ')}`, 'bridge fdb');
  const rows = fdbRows(lab.segment(name), lab.now);
  return { rows, lines: rows.map(fdbLine) };
}

function ovnNbctl(lab: Lab, name: string, { flags, rest }: Words): ToolOutput {
  known('ovn-nbctl', flags, ['-j', '-json']);
  const lists = nbctl(lab, lab.machine(name).name, rest);
  return { rows: lists.flatMap(({ rows }) => rows), lines: lists.flatMap(({ lines }) => lines) };
}

/** `[show|list] [dev] [NAME] [table NAME]`. */
function selection(
  what: string,
  words: readonly string[],
): { readonly dev: string | null; readonly table: string | null } {
  let dev: string | null = null;
  let table: string | null = null;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (['show', 'list', 'ls'].includes(word) && at === 0) continue;
    if (word === 'dev') dev = words[++at] ?? '';
    else if (word === 'table') table = words[++at] ?? '';
    else if (/^(add|del|delete|change|replace|flush|set|append)$/.test(word)) {
      throw new EgressLabError('EGL_COMMAND', `${what} ${word}: a tool only looks here`, {
        hint: 'Changes are steps; `egresslab --help` lists the commands for them.',
      });
    } else if (dev === null) dev = word;
    else throw unknown(`${what} ${words.join(' ')}`, `${what} [show] [dev NAME]`);
  }
  return { dev, table };
}

/** iproute2 takes any beginning of a word. */
function matches(typed: string, word: string): boolean {
  return typed !== '' && word.startsWith(typed);
}

function known(tool: string, flags: readonly string[], allowed: readonly string[]): void {
  const strange = flags.find((flag) => !allowed.includes(flag));
  if (strange !== undefined) throw unknown(`${tool} ${strange}`, allowed.join(', '));
}

function unknown(what: string, instead: string): EgressLabError {
  return new EgressLabError('EGL_COMMAND', `${what} is not known here`, {
    hint: `Known: ${instead}.`,
  });
}

/** The two lines of `ip link`. */
function linkLines({ interface: name, mac, mtu, state }: InterfaceRow, at: number): string[] {
  const isLoopback = state === 'UNKNOWN';
  const kind = isLoopback ? 'LOOPBACK' : 'BROADCAST,MULTICAST';
  const flags = state === 'DOWN' ? `NO-CARRIER,${kind},UP` : `${kind},UP,LOWER_UP`;
  const broadcast = isLoopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
  return [
    `${at + 1}: ${name}: <${flags}> mtu ${mtu} state ${state}`,
    `    link/${isLoopback ? 'loopback' : 'ether'} ${mac} brd ${broadcast}`,
  ];
}

function inetLine(row: AddressRow): string {
  const scope = row.interface === 'lo' ? 'host' : 'global';
  const secondary = row.secondary ? ' secondary' : '';
  return `    inet ${row.address}/${row.prefixLength} scope ${scope}${secondary} ${row.label}`;
}
