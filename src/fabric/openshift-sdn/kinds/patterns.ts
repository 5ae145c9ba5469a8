// The patterns of the OpenShift 4.x CustomResourceDefinitions of network.openshift.io, word for word,
// since the API server prints them when something does not match.

const OCTET = '([0-9]|[0-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])';
const QUAD = `^(${OCTET}\\.){3}${OCTET}`;

/** The group of all kinds of OpenShift SDN. */
export const NETWORK_GROUP = 'network.openshift.io';
/** The pattern of hostIP and egressIPs. */
export const ADDRESS_PATTERN: string = `${QUAD}$`;
/** The pattern of subnet and egressCIDRs. */
export const CIDR_PATTERN: string = `${QUAD}/([0-9]|[12][0-9]|3[0-2])$`;
/** The pattern of host and netname. */
export const NAME_PATTERN = '^[a-z0-9.-]+$';
