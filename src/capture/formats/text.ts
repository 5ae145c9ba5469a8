// One line per frame, for terminals, diffs and grep:
//
//      2.003000000 worker02/enp1s0 out 02:…:45 > ff:…:ff  ARP, Announcement …   # egresslab: …
//
// Times are seconds of the lab, not of the day. Lines that begin with # say what the capture is.

import { assert } from '../../base/assert.ts';
import type { Direction } from '../../link/port.ts';
import type { Nanos } from '../../sim/time.ts';
import { describe, describeAddresses } from '../../wire/describe.ts';
import type { Frame } from '../../wire/frame.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type {
  ByteSink,
  CaptureFormat,
  CaptureMetadata,
  FormatSink,
  InterfaceInfo,
} from '../sink.ts';
import { ChunkWriter } from './chunk-writer.ts';

/** The capture format for people without Wireshark. */
export const text: CaptureFormat = {
  name: 'text',
  extensions: ['.txt', '.log'],
  open: (out, metadata) => new TextSink(out, metadata),
  isOwn: (head) => new TextDecoder().decode(head.subarray(0, MARK.length)) === MARK,
};

/** How the first line begins. */
const MARK = '# egresslab ';

const NANOS_PER_SECOND = 1_000_000_000;
const SECONDS_WIDTH = 5;
const DIRECTION_WIDTH = 3;

const encoder = new TextEncoder();

class TextSink implements FormatSink {
  readonly #writer: ChunkWriter;
  readonly #metadata: CaptureMetadata;
  readonly #interfaces: InterfaceInfo[] = [];
  readonly #frameCounts: number[] = [];
  #nameWidth = 0;

  constructor(out: ByteSink, metadata: CaptureMetadata) {
    this.#writer = new ChunkWriter(out, () => this.#writeHeader());
    this.#metadata = metadata;
  }

  get octets(): number {
    return this.#writer.octets;
  }

  addInterface(info: InterfaceInfo): number {
    this.#nameWidth = Math.max(this.#nameWidth, info.name.length);
    if (this.#writer.begun) this.#writeInterface(info);
    this.#frameCounts.push(0);
    return this.#interfaces.push(info) - 1;
  }

  frame(
    interfaceId: number,
    at: Nanos,
    frame: Frame,
    direction: Direction | null,
    comments: readonly string[],
  ): void {
    if (this.#writer.closed) return;
    const info = this.#interfaces[interfaceId];
    assert(info !== undefined, 'an interface is added before its frames');
    this.#frameCounts[interfaceId] = (this.#frameCounts[interfaceId] ?? 0) + 1;
    const name = info.name.padEnd(this.#nameWidth);
    const way = (direction ?? '').padEnd(DIRECTION_WIDTH);
    const why = comments.length === 0 ? '' : `   # ${comments.join('; ')}`;
    const addresses = describeAddresses(frame);
    this.#writeLine(`${formatTime(at)} ${name} ${way} ${addresses}  ${describe(frame)}${why}`);
  }

  flush(_at: Nanos): void {
    this.#writer.flush();
  }

  close(at: Nanos): void {
    if (this.#writer.closed) return;
    for (const [id, { name }] of this.#interfaces.entries()) {
      this.#writeLine(
        `# ${name}: ${this.#frameCounts[id] ?? 0} frames until ${formatTime(at).trim()} s`,
      );
    }
    this.#writer.close();
  }

  #writeHeader(): void {
    const { application, lab, digest, seed, command, names = [] } = this.#metadata;
    this.#writeLine(`# ${application}, topology ${lab}, digest ${digest}, seed ${seed}`);
    this.#writeLine(`# reproduce with: ${command}`);
    for (const info of this.#interfaces) this.#writeInterface(info);
    for (const { address, names: texts } of names) {
      this.#writeLine(`# ${formatIpv4(address)} is ${texts.join(', ')}`);
    }
  }

  #writeInterface({ name, description }: InterfaceInfo): void {
    this.#writeLine(`# interface ${name}${description === '' ? '' : `: ${description}`}`);
  }

  /** A line stays one line, whatever is in a name or a comment. */
  #writeLine(line: string): void {
    this.#writer.append(encoder.encode(`${line.replaceAll(/\p{Cc}+/gu, ' ').trimEnd()}\n`));
  }
}

/** 2_003_000_000 → '    2.003000000'. */
function formatTime(at: Nanos): string {
  const seconds = Math.floor(at / NANOS_PER_SECOND);
  const nanos = at % NANOS_PER_SECOND;
  return `${String(seconds).padStart(SECONDS_WIDTH)}.${String(nanos).padStart(9, '0')}`;
}
