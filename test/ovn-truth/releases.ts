// The two measured releases of OVN, as far as their data paths differ.

import type { OvnRelease } from '../../src/fabric/ovn-kubernetes/datapath/gateway-router-options.ts';
import type { ReleaseName } from './fixture.ts';

export const RELEASE_OF: Readonly<Record<ReleaseName, OvnRelease>> = {
  '25.03': {
    announcements: [1, 2, 4, 8, 16],
    knowsMaxTimeout: true,
    ageing: 'use',
    queueLimit: 4,
  },
  '23.03': {
    announcements: [1, 3, 7, 15, 31],
    knowsMaxTimeout: false,
    ageing: 'creation',
    queueLimit: 3,
  },
};
