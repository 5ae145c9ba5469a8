// The registry of capture formats: one line each.

import type { CaptureFormat } from '../sink.ts';
import { pcap } from './pcap.ts';
import { pcapng } from './pcapng.ts';
import { text } from './text.ts';

/** All formats; the first one is the default. */
export const CAPTURE_FORMATS: readonly CaptureFormat[] = [pcapng, pcap, text];

/** 'pcapng' → the format; null when unknown. */
export function captureFormatNamed(name: string): CaptureFormat | null {
  return CAPTURE_FORMATS.find((format) => format.name === name) ?? null;
}

/** 'captures/a.pcapng' → the format of that extension, in upper or lower case; null when unknown. */
export function captureFormatOfFile(fileName: string): CaptureFormat | null {
  const lower = fileName.toLowerCase();
  return (
    CAPTURE_FORMATS.find((format) =>
      format.extensions.some((extension) => lower.endsWith(extension)),
    ) ?? null
  );
}

/** Whether a file that begins with these octets (4 KiB, or all of it) is a capture that egresslab made. */
export function isOwnCapture(head: Uint8Array): boolean {
  return CAPTURE_FORMATS.some((format) => format.isOwn(head));
}
