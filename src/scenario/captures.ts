// The capture file of a run: which ports, under which name, and what it turned out to hold.

import { present } from '../base/assert.ts';
import { VERSION } from '../base/version.ts';
import type { Capture } from '../capture/capture.ts';
import { captureFormatNamed } from '../capture/formats/index.ts';
import { LossySink } from '../capture/lossy-sink.ts';
import type { AddressName, CaptureMetadata } from '../capture/sink.ts';
import { withoutComments } from '../capture/without-comments.ts';
import type { Lab } from '../lab/lab.ts';
import { type Ipv4Address, isLoopback } from '../wire/ipv4-address.ts';
import { CaptureFiles, type CaptureFilesWatcher } from './capture-files.ts';
import { captureName } from './capture-name.ts';
import type { CaptureReport } from './report.ts';
import type { RunOptions } from './run-options.ts';

/** No one reads a filter over more addresses. */
const MAXIMUM_FILTERED = 4;

/** A capture under way. */
export interface RunCapture {
  readonly format: string;
  readonly files: CaptureFiles;
  readonly capture: Capture;
  /** To be called when it has ended. */
  readonly tellMissed: () => void;
}

/**
 * Opens the captures of a run; none when the caller wants none. What happens to a file later is told to the
 * watcher, and not to whoever sends a frame.
 * @throws EgressLabError EGL_UNKNOWN_PORT, and what `openCapture` throws
 */
export function openCaptures(
  lab: Lab,
  options: Pick<RunOptions, 'openCapture' | 'capture' | 'captureName'>,
  watcher: CaptureFilesWatcher,
): RunCapture[] {
  const { openCapture, capture: choices = {} } = options;
  if (openCapture === undefined) return [];
  const { topology, seed } = lab;
  const { capture: spec } = topology;
  const formatName = choices.format ?? spec.format;
  const format = present(captureFormatNamed(formatName), 'topologies and options name formats');
  const name = options.captureName ?? captureName(topology.name, topology.seed, seed);
  const selectors = choices.ports ?? spec.ports.map(({ text }) => text);
  const open = (base: string, ports: readonly string[]): RunCapture => {
    const fileName = `${base}${format.extensions[0] ?? ''}`;
    const size = choices.size ?? null;
    const request = { fileName, format: formatName, files: size?.files ?? null };
    const destination = openCapture(request);
    const { reader = null } = destination;
    const writing = { format, metadata: metadataOf(lab), size };
    const files = new CaptureFiles(destination, writing, watcher);
    const withComments = choices.comments ?? true;
    const wanted = withComments ? files.sink : withoutComments(files.sink);
    const lossy = reader === null ? null : new LossySink(wanted, () => reader.isFull());
    const capture = lab.captureTo(lossy ?? wanted, ...ports);
    const tellMissed = (): void => reader?.onMissed(lossy?.missed ?? 0);
    return { format: formatName, files, capture, tellMissed };
  };
  const ports = lab.capturable(...selectors);
  if (choices.perPort !== true) return [open(name, selectors)];
  return ports.map((port) => open(`${name}-${port.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`, [port]));
}

/** Closes the capture and says what it holds. */
export function closeCapture(
  { format, files, capture, tellMissed }: RunCapture,
  contested: readonly string[],
): CaptureReport {
  capture.dispose();
  tellMissed();
  return {
    format,
    ...files.report(capture.frames),
    ports: capture.interfaceNames,
    filter: displayFilter(contested),
  };
}

/** What a capture file says about its lab. */
export function metadataOf(lab: Lab): CaptureMetadata {
  const { topology, seed } = lab;
  return {
    application: `egresslab ${VERSION}`,
    lab: topology.name,
    seed,
    digest: topology.digest,
    // The bare name: the same run from another folder makes the same file.
    command: `egresslab run ${topology.file.split('/').at(-1)} --seed ${seed}`,
    epoch: topology.epoch,
    names: addressNames(lab),
  };
}

/** What Wireshark shows instead of numbers: each machine and pod under its name. */
function addressNames(lab: Lab): AddressName[] {
  const names = new Map<Ipv4Address, string[]>();
  for (const stack of lab.stacks()) {
    for (const iface of stack.interfaces) {
      for (const { address } of iface.addresses) {
        if (isLoopback(address)) continue;
        names.set(address, [...(names.get(address) ?? []), stack.name]);
      }
    }
  }
  return [...names].map(([address, owners]) => ({ address, names: owners }));
}

/** The filter worth typing first: the ARP story of the addresses that changed hands. */
function displayFilter(addresses: readonly string[]): string | null {
  if (addresses.length === 0) return null;
  return addresses
    .slice(0, MAXIMUM_FILTERED)
    .map((address) => `arp.src.proto_ipv4 == ${address}`)
    .join(' || ');
}
