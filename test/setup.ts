// One seed for every property test, so that two runs of the suite do the same. To look further:
//
//   PROPERTY_SEED=12345 npx vitest run test/egress

import fc from 'fast-check';

const DEFAULT_SEED = 20_261_123;

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? DEFAULT_SEED) });
