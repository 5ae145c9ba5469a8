// Where the pods of OpenShift SDN are.

/** The namespace of the sdn daemonset and of its controller. */
export const SDN_NAMESPACE = 'openshift-sdn';
