// Where the pods of OVN-Kubernetes are, and what they are called.

/** The namespace of all of them. */
export const OVN_NAMESPACE = 'openshift-ovn-kubernetes';
/** Every namespace has it since Kubernetes 1.21. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';
/** The lease of the allocator. */
export const LEASE_NAME = 'ovn-kubernetes-master';
