// `egresslab capture`: the frames of a running lab, as they come, to whoever asked. Frames are copied only
// while somebody reads; who reads too slowly gets fewer, with a comment that says how many are missing.

import { present } from '../../base/assert.ts';
import type { Capture } from '../../capture/capture.ts';
import { captureFormatNamed } from '../../capture/formats/index.ts';
import { LossySink } from '../../capture/lossy-sink.ts';
import { DROPS_SELECTOR } from '../../capture/port-selector.ts';
import { withoutComments } from '../../capture/without-comments.ts';
import type { Lab } from '../../lab/lab.ts';
import { metadataOf } from '../../scenario/captures.ts';
import type { CaptureFormatName } from '../../topology/model.ts';
import { VIEW_TABLES } from '../../view/tables.ts';
import type { ReplyStream } from '../api-server/reply-stream.ts';
import type { ControlMessage } from './protocol.ts';

/** Octets on the way to one reader before frames are left out. */
const QUEUE_OCTETS = 2 * 1024 * 1024;
/** How often what was seen is handed on. */
const FLUSH_MILLISECONDS = 100;

/** What to capture. */
export interface CaptureWish {
  /** Selectors; those of the topology when there are none. */
  readonly ports: readonly string[];
  readonly format: CaptureFormatName;
  readonly comments: boolean;
}

/** A capture under way. */
export interface AnsweredCapture {
  /** Hands on what was seen so far, and looks no more. May be called twice. */
  end(): void;
}

/** Begins a capture; its octets leave as messages. @throws EgressLabError EGL_UNKNOWN_PORT */
export function answerCapture(
  lab: Lab,
  { comments, format, ports }: CaptureWish,
  stream: ReplyStream,
  say: (message: ControlMessage) => void,
): AnsweredCapture {
  const { capture: spec } = lab.topology;
  const selectors = ports.length > 0 ? ports : spec.ports.map(({ text }) => text);
  const out = {
    write: (chunk: Uint8Array): void => say({ octets: Buffer.from(chunk).toString('base64') }),
    close: (): void => {},
  };
  const written = present(captureFormatNamed(format), 'the protocol names formats');
  const sink = written.open(out, metadataOf(lab));
  const lossy = new LossySink(
    comments ? sink : withoutComments(sink),
    () => stream.unread > QUEUE_OCTETS,
  );
  const capture: Capture = lab.captureTo(lossy, ...selectors);
  say({ data: { ports: capture.interfaceNames } });
  // The head at once: a reader shows the ports before there is any frame.
  capture.flush();
  let told = 0;
  const tell = (): void => {
    const { missed } = lossy;
    const frames = capture.frames - missed;
    if (frames + missed === told) return;
    told = frames + missed;
    say({ data: { frames, missed } });
  };
  const flusher = setInterval(() => {
    capture.flush();
    tell();
  }, FLUSH_MILLISECONDS);
  return {
    end: () => {
      clearInterval(flusher);
      capture.dispose();
      tell();
    },
  };
}

/** A port that can be captured. */
export interface CapturePort {
  readonly name: string;
  /** Its addresses, or what it is; empty when there is nothing to say. */
  readonly description: string;
}

/** Every port of a lab, and its drops. */
export function capturePorts(lab: Lab): CapturePort[] {
  const addresses = new Map<string, string[]>();
  for (const row of VIEW_TABLES.addresses.rows(lab, null)) {
    const name = `${row.machine}/${row.interface}`;
    addresses.set(name, [...(addresses.get(name) ?? []), row.address]);
  }
  const described = (name: string): string =>
    name === DROPS_SELECTOR
      ? 'frames that went no further, and why'
      : (addresses.get(name)?.join(', ') ?? '');
  return lab
    .capturable('*', DROPS_SELECTOR)
    .map((name) => ({ name, description: described(name) }));
}
