// What crossed some ports of a lab, kept for assertions and for capture files.

import { EgressLabError } from '../base/errors.ts';
import { hintAmong } from '../base/suggest.ts';
import type { Capture as CaptureModel } from '../capture/capture.ts';
import { CAPTURE_FORMATS, captureFormatNamed } from '../capture/formats/index.ts';
import { MemoryByteSink } from '../capture/memory-byte-sink.ts';
import { MemorySink, type CapturedFrame as SeenFrame } from '../capture/memory-sink.ts';
import { metadataOf } from '../scenario/captures.ts';
import { matchesFrame } from '../scenario/frame-match.ts';
import { type Duration, nanosOf } from '../sim/duration.ts';
import type { Nanos } from '../sim/time.ts';
import type { FrameMatch as CompiledMatch } from '../topology/expectations/frame.ts';
import { describe } from '../wire/describe.ts';
import type { FrameMatch } from './frame-match.ts';
import type { Inside } from './inside.ts';

/** How a capture file is written: 'pcapng' for Wireshark, 'pcap' for older programs, 'text' for people. */
export type CaptureFormatName = 'pcapng' | 'pcap' | 'text';

/** One frame as one port saw it. */
export class CapturedFrame {
  /** The port, 'db/eth0', or 'drops'. */
  readonly port: string;
  /** When it was seen. */
  readonly at: Nanos;
  /** Seen from the port's machine; null on 'drops'. */
  readonly direction: 'in' | 'out' | null;
  /** Why it was sent, or why it was dropped. */
  readonly comments: readonly string[];
  /** The same along the whole way of one packet through the lab. */
  readonly packetId: number;
  /** @internal */
  readonly seen: SeenFrame;

  private constructor(seen: SeenFrame) {
    this.port = seen.interface;
    this.at = seen.at;
    this.direction = seen.direction;
    this.comments = seen.comments;
    this.packetId = seen.frame.packetId;
    this.seen = seen;
  }

  /** @internal */
  static of(seen: SeenFrame): CapturedFrame {
    return new CapturedFrame(seen);
  }

  /** The frame as one line in the manner of tcpdump(8): 'ARP, Request who-has 10.0.0.2 tell 10.0.0.1 …'. */
  get text(): string {
    return describe(this.seen.frame);
  }

  /** A copy of its octets, from the destination MAC to the last one of payload. `egresslab/wire` reads them. */
  get octets(): Uint8Array {
    return this.seen.frame.toBytes();
  }

  /** Time, port, direction and the line. */
  toString(): string {
    const arrow = this.direction === null ? '' : this.direction === 'in' ? ' <' : ' >';
    return `${(this.at / 1e9).toFixed(6)} ${this.port}${arrow} ${this.text}`;
  }
}

/**
 * Frames that crossed the ports of a lab since the capture began. You get one from {@link Lab.capture}. It keeps
 * the first million frames; how many it had to leave out is `missed`.
 *
 * @example
 * ```ts
 * import { createLab } from 'egresslab';
 *
 * const lab = createLab(`
 * name: pair
 * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
 * hosts:
 *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
 *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
 * `);
 * const capture = lab.capture('b/eth0');
 * lab.host('a').ping('b');
 * console.log(capture.matching({ icmp: 'echo-request', ethernet: { from: 'a' } }).length); // 1
 * console.log(capture.lines()[0]); // ARP, Request who-has 10.0.0.2 tell 10.0.0.1 (02:00:14:cb:00:01)
 * console.log(capture.file('pcapng').length > 0); // true
 * ```
 */
export class Capture {
  /** The captured ports, in the order of the lab; 'drops' is the last. */
  readonly ports: readonly string[];
  readonly #inside: Inside;
  readonly #sink = new MemorySink();
  readonly #capture: CaptureModel;

  private constructor(inside: Inside, selectors: readonly string[]) {
    this.#inside = inside;
    this.#capture = inside.lab.captureTo(this.#sink, ...selectors);
    this.ports = this.#capture.interfaceNames;
  }

  /** @internal */
  static of(inside: Inside, selectors: readonly string[]): Capture {
    return new Capture(inside, selectors);
  }

  /** All frames so far, oldest first. */
  get frames(): readonly CapturedFrame[] {
    return this.#sink.frames.map((seen) => CapturedFrame.of(seen));
  }

  /** Frames that were not kept, because a million were. */
  get missed(): number {
    return this.#sink.missed;
  }

  /** Frames seen on one port. @throws {@link EgressLabError} EGL_UNKNOWN_PORT when it is not captured */
  on(port: string): readonly CapturedFrame[] {
    if (!this.ports.includes(port)) {
      throw new EgressLabError('EGL_UNKNOWN_PORT', `this capture does not look at "${port}"`, {
        hint: hintAmong(port, this.ports),
      });
    }
    return this.frames.filter((frame) => frame.port === port);
  }

  /** Frames that a description fits. @throws {@link EgressLabError} EGL_COMMAND for a description of no frame */
  matching(match: FrameMatch): readonly CapturedFrame[] {
    const compiled = this.#compile(match);
    return this.frames.filter(({ seen }) => matchesFrame(seen.frame, seen.direction, compiled));
  }

  /**
   * Lets time pass until a frame comes that a description fits, at most `within`. Frames that were there before
   * do not count. Null when none came.
   * @throws {@link EgressLabError} EGL_COMMAND for a description of no frame, EGL_BAD_DURATION
   */
  next(match: FrameMatch, { within }: { readonly within: Duration }): CapturedFrame | null {
    const compiled = this.#compile(match);
    const limit = nanosOf(within);
    const { frames } = this.#sink;
    let at = frames.length;
    let found: SeenFrame | null = null;
    this.#inside.lab.advanceUntil(() => {
      for (; at < frames.length && found === null; at++) {
        const seen = frames[at];
        if (seen !== undefined && matchesFrame(seen.frame, seen.direction, compiled)) found = seen;
      }
      return found !== null;
    }, limit);
    return found === null ? null : CapturedFrame.of(found);
  }

  /** @internal */
  letPass(duration: Duration): void {
    this.#inside.lab.advance(duration);
  }

  /** The way of one packet through the lab, by `packetId`. */
  path(packetId: number): readonly CapturedFrame[] {
    return this.frames.filter((frame) => frame.packetId === packetId);
  }

  /** Each frame as one line, for snapshots. */
  lines(): readonly string[] {
    return this.#sink.lines();
  }

  /** Forgets the frames so far. */
  clear(): void {
    this.#sink.clear();
  }

  /** Looks no more; what was seen stays. */
  stop(): void {
    this.#capture.dispose();
  }

  /** The content of a capture file with the frames so far. @throws {@link EgressLabError} EGL_ARGUMENT for an unknown format */
  file(format: CaptureFormatName = 'pcapng'): Uint8Array {
    const found = captureFormatNamed(format);
    if (found === null) {
      throw new EgressLabError('EGL_ARGUMENT', `there is no capture format "${format}"`, {
        hint: hintAmong(
          format,
          CAPTURE_FORMATS.map(({ name }) => name),
        ),
      });
    }
    const bytes = new MemoryByteSink();
    const sink = found.open(bytes, metadataOf(this.#inside.lab));
    const numbers = new Map(
      this.#sink.interfaces.map((info) => [info.name, sink.addInterface(info)] as const),
    );
    for (const { interface: port, at, frame, direction, comments } of this.#sink.frames) {
      const number = numbers.get(port);
      if (number !== undefined) sink.frame(number, at, frame, direction, comments);
    }
    sink.close(this.#inside.lab.now);
    return bytes.bytes();
  }

  #compile(match: FrameMatch): CompiledMatch {
    const step = this.#inside.read({ expect: { frame: match } });
    const [first] = step.kind === 'expect' ? step.expectations : [];
    if (first?.kind === 'frame') return first.match;
    throw new EgressLabError('EGL_COMMAND', 'this describes no frame', {
      hint: "Give what its headers say, such as { arp: { operation: 'reply' } }.",
    });
  }
}
