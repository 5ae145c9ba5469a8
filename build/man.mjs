// The man page egresslab(1), made from the parser: what --help says, command by command.
// node build/man.mjs [DIRECTORY], after `npm run build`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../dist/', import.meta.url);
const { commands } = await import(new URL('cli/commands/index.js', dist).href);
const { parseArguments } = await import(new URL('cli/parser.js', dist).href);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const WIDTH = 76;

/** Backslashes, and dots and quotes where a line begins, mean something to troff. */
function escaped(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}

function helpOf(words) {
  const parsed = parseArguments([...words, '--help'], commands, WIDTH);
  if (parsed.kind !== 'text') throw new Error(`no help for ${words.join(' ')}`);
  return parsed.text.trimEnd();
}

function preformatted(text) {
  return ['.nf', escaped(text), '.fi'];
}

const page = [
  `.TH EGRESSLAB 1 "" "egresslab ${version}" "User Commands"`,
  '.SH NAME',
  'egresslab \\- a network lab in one process: egress IPs, ARP, SNAT and failover, packet by packet',
  '.SH SYNOPSIS',
  '.B egresslab',
  '.I command',
  '.RI [ arguments ]',
  '.SH OVERVIEW',
  ...preformatted(helpOf([])),
  '.SH COMMANDS',
  ...commands.flatMap(({ name }) => [`.SS ${escaped(name)}`, ...preformatted(helpOf([name]))]),
  '',
].join('\n');

const directory = process.argv[2] ?? 'out/man';
mkdirSync(directory, { recursive: true });
const file = join(directory, 'egresslab.1');
writeFileSync(file, page);
process.stdout.write(`${file}: read it with man -l ${file}\n`);
