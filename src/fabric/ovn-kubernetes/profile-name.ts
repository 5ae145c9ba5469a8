// The sections of the version matrix, by the OpenShift release with which each begins.

/** In the order of their releases. */
export const profileNames = ['4.10', '4.14', '4.18', 'head'] as const;
/** One section: 4.10 is one central database, 4.14 one zone per node, 4.18 has addresses on br-ex. */
export type ProfileName = (typeof profileNames)[number];
/** What runs when a topology names none. */
export const DEFAULT_PROFILE: ProfileName = '4.18';
