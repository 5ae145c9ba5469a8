// The program as a few files instead of some 900, because finding and reading modules is most of a cold
// start: dist/main.js, which `tsc` has made, is replaced by a line that starts dist/bundle/. The library
// stays a module a file. Packages stay packages; no names are shortened, so that a stack tells its tale.
//
//   node build/program.mjs [dist]

import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const OUTPUT = resolve(process.argv[2] ?? join(ROOT, 'dist'));
const DIRECTORY = join(OUTPUT, 'bundle');

rmSync(DIRECTORY, { recursive: true, force: true });
const bundler = await rolldown({
  input: {
    main: join(ROOT, 'src/main.ts'),
    // Started by their file names, from beside the module that starts them.
    'worker-thread': join(ROOT, 'src/platform/explore/worker-thread.ts'),
    leftovers: join(ROOT, 'src/platform/linux/leftovers.ts'),
  },
  platform: 'node',
  external: /^[^./]/,
  onLog: (_level, { message }) => {
    throw new Error(message);
  },
});
try {
  await bundler.write({
    dir: DIRECTORY,
    format: 'esm',
    // All in one folder that is as deep as src/platform: `../../topologies/` is found from both.
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
  });
} finally {
  await bundler.close();
}
writeFileSync(join(OUTPUT, 'main.js'), "#!/usr/bin/env node\nimport './bundle/main.js';\n");
rmSync(join(OUTPUT, 'main.js.map'), { force: true });
