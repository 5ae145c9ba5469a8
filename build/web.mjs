// Builds what runs in a browser into dist/web (or the folder named): the report's page with everything in it, and
// the playground. The report comes as one file whose policy allows its own script, by digest, and nothing else.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCE = join(ROOT, 'src/web');
/** Both of them; the dark one also where the system is dark and nobody has chosen. */
const STYLE = withSystemTheme(readFileSync(join(SOURCE, 'style.css'), 'utf8'));
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 5h14M5 5v7M11 5v7' stroke='%230b57d0' stroke-width='2'/%3E%3C/svg%3E";

/** Two machines answer for one address: nothing shows more. */
const FIRST = 'duplicate-ip';

await build(process.argv[2] ?? join(ROOT, 'dist/web'));

async function build(directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'report.html'), reportPage(await bundle('report.tsx')));
  writeFileSync(join(directory, 'index.html'), playgroundPage(includedLabs()));
  writeFileSync(join(directory, 'playground.js'), await bundle('playground.tsx'));
  writeFileSync(join(directory, 'worker.js'), await bundle('worker/worker.ts'));
  writeFileSync(join(directory, 'style.css'), STYLE);
  // A folder of one's own is for hosting, and a running lab serves its page itself.
  if (process.argv[2] !== undefined) return;
  writeFileSync(join(directory, 'live.html'), livePage());
  writeFileSync(join(directory, 'live.js'), await bundle('live.tsx'));
}

/** The labs that run in a browser: all but those that are joined to a kernel. The best to begin with is first. */
function includedLabs() {
  const directory = join(ROOT, 'topologies');
  const labs = readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({
      name: file.slice(0, -'.yaml'.length),
      text: readFileSync(join(directory, file), 'utf8'),
    }))
    .filter(({ text }) => !/^attach/m.test(text));
  return labs.sort((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST));
}

function playgroundPage(labs) {
  // In a script element a "<" could end it; in JSON it can be written otherwise.
  const data = JSON.stringify(labs).replaceAll('<', '\\u003c');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>egresslab</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="style.css">
</head>
<body>
<div id="app"><noscript>The playground needs JavaScript; the lab runs on this page.</noscript></div>
<script id="labs" type="application/json">${data}</script>
<script src="playground.js"></script>
</body>
</html>
`;
}

/** `egresslab up --web` serves it, with the policy in its headers. */
function livePage() {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>egresslab</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="style.css">
</head>
<body>
<div id="app"><noscript>The page of a running lab needs JavaScript.</noscript></div>
<script src="live.js"></script>
</body>
</html>
`;
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
