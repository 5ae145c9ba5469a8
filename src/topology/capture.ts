// `capture:`: which ports end up in the capture file, and in which format.

import { z } from 'zod';
import { PATTERN_LIMIT } from '../capture/port-selector.ts';
import type { Path } from '../schema/position.ts';
import type { AttachmentSpec } from './attachments/attachment.ts';
import type { Context } from './context.ts';
import type { CaptureFormatName, CaptureSpec, PortSelector } from './model.ts';
import { resolvePorts } from './targets.ts';

interface RawCaptureObject {
  readonly ports?: readonly string[];
  readonly format?: CaptureFormatName;
}

/** `capture:` as it is written. */
export type RawCapture = readonly string[] | RawCaptureObject;

const format: z.ZodType<CaptureFormatName> = z.enum(['pcapng', 'pcap', 'text']);

const portList: z.ZodType<readonly string[]> = z
  .array(z.string({ error: 'expected a port, such as "db/eth0" or "*/eth0"' }))
  .min(1, { error: 'expected at least one port' })
  .refine((ports) => ports.filter((port) => port.includes('*')).length <= PATTERN_LIMIT, {
    error: `expected at most ${PATTERN_LIMIT} patterns with "*"`,
  })
  .describe('Ports: "db/eth0", "db" for all of it, "*/eth0", "drops"; every port when left out');

/** `capture:`, the ports alone or with a format. */
export const captureSchema: z.ZodType<RawCapture> = z
  .union([
    portList,
    z.strictObject({ ports: portList.exactOptional(), format: format.exactOptional() }),
  ])
  .meta({ id: 'capture', description: 'Which ports are captured, and in which format' });

/** Every interface of every host and node, and what is dropped, when nothing else is said. */
export function normalizeCapture(
  context: Context,
  raw: RawCapture | undefined,
  attachments: readonly AttachmentSpec[],
  path: Path,
): CaptureSpec {
  const given = isPortList(raw) ? { ports: raw } : (raw ?? {});
  const at = isPortList(raw) ? path : [...path, 'ports'];
  const ports =
    given.ports?.flatMap((text, index) => resolvePorts(context, text, [...at, index]) ?? []) ??
    everyPort(context, attachments, path);
  return { ports, format: given.format ?? 'pcapng' };
}

function isPortList(raw: RawCapture | undefined): raw is readonly string[] {
  return Array.isArray(raw);
}

function everyPort(
  context: Context,
  attachments: readonly AttachmentSpec[],
  path: Path,
): PortSelector[] {
  const names = [...context.machines.values()].flatMap(({ name, interfaces }) =>
    interfaces.map((own) => `${name}/${own.name}`),
  );
  const position = context.position(path);
  const kernel = attachments.map(({ name }) => `kernel/${name}`);
  return [...names, ...kernel, 'drops'].map((text) => ({ position, text }));
}
