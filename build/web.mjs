// Builds what runs in a browser into dist/web (or the folder named): the report's page with everything in it, and
// the playground. The report comes as one file whose policy allows its own script, by digest, and nothing else.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCE = join(ROOT, 'src/web');
/** Both of them; the dark one also where the system is dark and nobody has chosen. */
const STYLE = withSystemTheme(readFileSync(join(SOURCE, 'style.css'), 'utf8'));
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 5h14M5 5v7M11 5v7' stroke='%230b57d0' stroke-width='2'/%3E%3C/svg%3E";

await build(process.argv[2] ?? join(ROOT, 'dist/web'));

async function build(directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'report.html'), reportPage(await bundle('report.tsx')));
}

/** A program and all that it imports as one script; nothing may lead out of the bundle. */
async function bundle(entry) {
  const bundler = await rolldown({
    input: join(SOURCE, entry),
    platform: 'browser',
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  try {
    const { output } = await bundler.generate({ format: 'iife', minify: true });
    return output[0].code;
  } finally {
    await bundler.close();
  }
}

function reportPage(script) {
  // Inside a script element these would end it, or begin a comment.
  const code = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const policy = [
    "default-src 'none'",
    `script-src '${digestOf(code)}'`,
    `style-src '${digestOf(STYLE)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="generator" content="egresslab">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>egresslab report</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<div id="app"><noscript>This report needs JavaScript; it runs on this page alone and asks no network.</noscript></div>
<script id="run" type="application/octet-stream"></script>
<script>${code}</script>
</body>
</html>
`;
}

function digestOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The rules of the chosen dark theme once more, for a dark system on which none is chosen. */
function withSystemTheme(style) {
  const dark = /:root\[data-theme="dark"\] (\{[^}]*\})/.exec(style);
  if (dark === null) throw new Error('style.css has no dark theme');
  return `${style}@media (prefers-color-scheme: dark) { :root:not([data-theme]) ${dark[1]} }\n`;
}
