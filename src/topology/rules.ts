// `rules:` of a host or node, as `ip rule add`: which routing table is asked for which packets.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { addressOrNetwork, integer } from '../schema/values.ts';
import { isSameRule, type RuleAction, TableId } from '../stack/ipv4/rule.ts';
import type { Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';
import type { RuleSpec } from './model.ts';

/** What ends a packet's way; without one the rule asks a table. */
type RuleType = Exclude<RuleAction, 'lookup'>;

interface RawFwmark {
  readonly mark: number;
  readonly mask: number;
}

/** A rule of policy routing as it is written. */
export interface RawRule {
  readonly from?: Ipv4Cidr;
  readonly to?: Ipv4Cidr;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: RawFwmark;
  readonly priority?: number;
  readonly table?: number;
  readonly type?: RuleType;
}

const LARGEST = 0xffff_ffff;

/** Names of /etc/iproute2/rt_tables; the local table is the machine's addresses. */
const NAMED: Readonly<Record<string, number>> = { main: TableId.Main, default: TableId.Default };

/** A table by number, or one of the two that have a name. */
export const tableId: z.ZodType<number> = z.union([
  integer(1, LARGEST, 'the number of a table, main or default').refine(
    (id) => id !== TableId.Local,
    { error: 'table 255 is the local table: it holds the addresses of the machine' },
  ),
  z.enum(['main', 'default']).transform((name) => NAMED[name] ?? TableId.Main),
]);

const MARK = /^(0x[0-9a-f]{1,8}|\d{1,10})(?:\/(0x[0-9a-f]{1,8}|\d{1,10}))?$/i;
const MARK_ERROR = 'expected a mark, such as 9, 0x100 or 0x100/0xff00';

const fwmark: z.ZodType<RawFwmark> = z.union([
  integer(0, LARGEST, 'a mark').transform((mark) => ({ mark, mask: LARGEST })),
  z
    .string({ error: MARK_ERROR })
    .regex(MARK, { error: MARK_ERROR })
    .transform((text) => {
      const [mark, mask = LARGEST] = text.split('/').map(Number);
      return { mark: (mark ?? 0) >>> 0, mask: mask >>> 0 };
    }),
]);

const type: z.ZodType<RuleType> = z.enum(['unreachable', 'prohibit', 'blackhole']);

interface RuleShape {
  readonly from: z.ZodExactOptional<typeof addressOrNetwork>;
  readonly to: z.ZodExactOptional<typeof addressOrNetwork>;
  readonly iif: z.ZodExactOptional<z.ZodString>;
  readonly oif: z.ZodExactOptional<z.ZodString>;
  readonly fwmark: z.ZodExactOptional<typeof fwmark>;
  readonly priority: z.ZodExactOptional<z.ZodType<number>>;
  readonly table: z.ZodExactOptional<typeof tableId>;
  readonly type: z.ZodExactOptional<typeof type>;
}

const shape: RuleShape = {
  from: addressOrNetwork.exactOptional().describe('Source; until it is chosen it fits no rule'),
  to: addressOrNetwork.exactOptional().describe('Destination'),
  iif: z.string().exactOptional().describe('Came in here; lo: packets of the machine itself'),
  oif: z.string().exactOptional().describe('Of a socket that is bound to this interface'),
  fwmark: fwmark
    .exactOptional()
    .describe('The mark of the packet, with a mask if only some bits count'),
  priority: integer(0, LARGEST, 'a priority')
    .exactOptional()
    .describe('The lower is asked first; when left out, before all that were added so far'),
  table: tableId
    .exactOptional()
    .describe(
      'The table that is asked: a number, main or default; the next rule if it has no route',
    ),
  type: type.exactOptional().describe('The way ends here, instead of "table"'),
};

/** A rule of policy routing, as `ip rule` has it. */
export const ruleSchema: z.ZodType<RawRule> = z
  .strictObject(shape)
  .meta({ id: 'rule', description: 'A rule of policy routing, as in ip rule add' });

/** The rules of a machine; `interfaces` are its own. */
export function normalizeRules(
  context: Context,
  raw: readonly RawRule[],
  interfaces: readonly string[],
  path: Path,
): RuleSpec[] {
  const rules: RuleSpec[] = [];
  for (const [index, given] of raw.entries()) {
    const at = [...path, index];
    const rule = normalizeRule(context, given, interfaces, at);
    if (rule === null) continue;
    const twin = rules.some((other) =>
      other.priority !== null && rule.priority !== null
        ? isSameRule({ ...other, priority: other.priority }, { ...rule, priority: rule.priority })
        : false,
    );
    if (twin) context.report(at, 'this rule stands above already', 'remove one');
    else rules.push(rule);
  }
  return rules;
}

/** One rule, of a file or of a step. */
export function normalizeRule(
  context: Context,
  raw: RawRule,
  interfaces: readonly string[],
  path: Path,
): RuleSpec | null {
  const names = ['lo', ...interfaces];
  for (const key of ['iif', 'oif'] as const) {
    const given = raw[key];
    if (given === undefined || names.includes(given)) continue;
    context.unknown('interface', given, interfaces, [...path, key]);
    return null;
  }
  if (['table', 'type'].some((key) => context.damaged([...path, key]))) return null;
  if ((raw.table === undefined) === (raw.type === undefined)) {
    const message =
      raw.table === undefined
        ? 'a rule needs "table", or a "type" that ends the way'
        : `a rule of type ${raw.type} asks no table`;
    context.report(path, message, 'such as "table: 2" or "type: unreachable"');
    return null;
  }
  return {
    position: context.position(path),
    from: raw.from ?? null,
    to: raw.to ?? null,
    iif: raw.iif ?? null,
    oif: raw.oif ?? null,
    fwmark: raw.fwmark ?? null,
    priority: raw.priority ?? null,
    action: raw.type ?? 'lookup',
    table: raw.table ?? 0,
  };
}
