// Where observed frames go: Capture → CaptureSink → (a format) → ByteSink. A sink gets the time at which a
// frame was seen; it knows no clock. Formats are listed in formats/index.ts.

import type { Direction } from '../link/port.ts';
import type { Epoch } from '../sim/epoch.ts';
import type { Nanos } from '../sim/time.ts';
import type { Frame } from '../wire/frame.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';

/** A port as a capture shows it. */
export interface InterfaceInfo {
  /** 'worker02/enp1s0'; what `frame.interface_name` compares with. */
  readonly name: string;
  /** Empty when there is nothing to add to the name. */
  readonly description: string;
  /** Null when the port is as fast as it likes. */
  readonly bitsPerSecond: number | null;
}

/** Takes the frames of one capture. Interfaces first, then frames; times never fall. */
export interface CaptureSink {
  /** Returns the number by which `frame` refers to the interface: 0, 1, 2 and so on. */
  addInterface(info: InterfaceInfo): number;
  /**
   * One frame seen at `at`. `direction` is null where there is none, as for drops. The frame may be
   * kept if it is sealed; one that is not may still change. Positional: this is the data path.
   */
  frame(
    interfaceId: number,
    at: Nanos,
    frame: Frame,
    direction: Direction | null,
    comments: readonly string[],
  ): void;
  /** Hands on everything taken so far, with the statistics as of `at` where the format has them. */
  flush(at: Nanos): void;
  /** Ends the capture with statistics; later frames are ignored. May be called twice. */
  close(at: Nanos): void;
}

/** A capture in one of the formats. */
export interface FormatSink extends CaptureSink {
  /** Its length so far, with what was not handed on yet. */
  readonly octets: number;
}

/** Takes octets in order, such as a file or a pipe. */
export interface ByteSink {
  /** `chunk` holds whole blocks only and is valid during this call: copy what is to be kept. */
  write(chunk: Uint8Array): void;
  close(): void;
}

/** A name that Wireshark shows instead of an address. */
export interface AddressName {
  readonly address: Ipv4Address;
  readonly names: readonly string[];
}

/** What a capture says about the run it comes from. Nothing of the machine or the wall clock. */
export interface CaptureMetadata {
  /** Name and version: 'egresslab 0.1.0'. */
  readonly application: string;
  /** The lab's name. */
  readonly lab: string;
  readonly seed: number;
  /** Tells two versions of a topology apart. */
  readonly digest: string;
  /** What to type to get this very capture again. */
  readonly command: string;
  /** What lab time zero is on the wall; DEFAULT_EPOCH when not given. */
  readonly epoch?: Epoch;
  readonly names?: readonly AddressName[];
}

/** A way to write captures; one file each in formats/. */
export interface CaptureFormat {
  readonly name: string;
  /** With the dot, lower case; the first one is for new files. */
  readonly extensions: readonly string[];
  /** The sink writes nothing to `out` before its first flush, full chunk or close. */
  open(out: ByteSink, metadata: CaptureMetadata): FormatSink;
  /** Whether a file that begins with these octets (4 KiB, or all of it) was made by `open`. */
  isOwn(head: Uint8Array): boolean;
}
