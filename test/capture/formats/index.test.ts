import { expect, test } from 'vitest';
import {
  CAPTURE_FORMATS,
  captureFormatNamed,
  captureFormatOfFile,
} from '../../../src/capture/formats/index.ts';

test('names and extensions are unique', () => {
  const names = CAPTURE_FORMATS.map((format) => format.name);
  const extensions = CAPTURE_FORMATS.flatMap((format) => format.extensions);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(extensions).size).toBe(extensions.length);
});

test.each([
  ['captures/a.pcapng', 'pcapng'],
  ['A.PCAP', 'pcap'],
  ['a.b.txt', 'text'],
  ['pcapng', undefined],
  ['a.yaml', undefined],
])('%s is written as %s', (file, name) => {
  expect(captureFormatOfFile(file)?.name).toBe(name);
});

test('a format is found by its exact name', () => {
  expect(captureFormatNamed('pcap')?.extensions[0]).toBe('.pcap');
  expect(captureFormatNamed('PCAP')).toBeNull();
});
