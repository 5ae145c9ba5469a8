#!/usr/bin/env node
// The bin. Everything is loaded on demand: an old Node.js gets a message before it meets syntax it does
// not know, and `--help` does not wait for a network stack.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `error: egresslab needs Node.js 20.19 or newer; this is ${process.version}\n`,
  );
  process.exitCode = 3;
} else {
  await keepCompiledCode();
  const { processIo } = await import('./cli/io.ts');
  const { run } = await import('./cli/run.ts');
  process.exitCode = await run(process.argv.slice(2), processIo(), async (topology, options) => {
    const { runScenario } = await import('./scenario/run.ts');
    return runScenario(topology, options);
  });
}

/** Node.js 22.8 and newer keep what they have compiled for the next start; NODE_DISABLE_COMPILE_CACHE=1 forbids it. */
async function keepCompiledCode(): Promise<void> {
  const module: object = await import('node:module');
  if (!('enableCompileCache' in module)) return;
  const { enableCompileCache } = module;
  if (typeof enableCompileCache === 'function') enableCompileCache();
}

export {};
