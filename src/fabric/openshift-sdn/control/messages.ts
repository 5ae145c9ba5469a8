// Every line that the sdn pods and the controller write at `--v=2` as they start and run, and what they write
// about egress IPs at any level: severity, verbosity and
// position in the source, which differ between versions. Where the position in 4.3 is not on record it
// is inferred: the sync functions of that file stand 250 lines above those of HEAD.

import type { Severity } from '../../klog.ts';
import type { ProfileName } from './profile.ts';

/** One kind of line. */
export interface Message {
  readonly severity: Severity;
  /** Written only when the process runs with at least this `--v`. */
  readonly verbosity: number;
  /** 'file.go:line' per profile. */
  readonly at: Readonly<Record<ProfileName, string>>;
}

function message(severity: Severity, verbosity: number, old: string, head: string): Message {
  return { severity, verbosity, at: { 'v4.3': old, head } };
}

/** The name of each kind of line. */
export type MessageId =
  | 'tracker-error'
  | 'invalid-hostsubnet'
  | 'assigning'
  | 'removing'
  | 'multiply-assigned'
  | 'unassigned'
  | 'offline-node'
  | 'assign-failed'
  | 'release-failed'
  | 'address-exists'
  | 'address-absent'
  | 'arp-failed'
  | 'stale-address'
  | 'stale-address-failed'
  | 'stale-rules'
  | 'address-lost'
  | 'address-missing'
  | 'monitoring'
  | 'unmonitoring'
  | 'node-peer-offline'
  | 'node-peer-online'
  | 'node-peer-doubtful'
  | 'controller-node-offline'
  | 'controller-node-online'
  | 'controller-node-doubtful'
  | 'controller-node-not-ready'
  | 'controller-node-missing'
  | 'update-failed'
  | 'hostsubnet-created'
  | 'hostsubnet-updated'
  | 'hostsubnet-deleted'
  | 'node-initializing'
  | 'plugin-starting'
  | 'already-set-up'
  | 'set-up-required'
  | 'pod-manager-starting'
  | 'pod-added'
  | 'mtu-check'
  | 'vnids-synced'
  | 'proxy-awaited'
  | 'plugin-registering'
  | 'plugin-ready'
  | 'controller-started'
  | 'master-initializing';

/** Every message of the log, by what it is about. */
export const messages: Readonly<Record<MessageId, Message>> = {
  'tracker-error': message('E', 0, 'egressip.go:370', 'egressip.go:620'),
  'invalid-hostsubnet': message('E', 0, 'egressip.go:247', 'egressip.go:247'),
  assigning: message('I', 4, 'egressip.go:395', 'egressip.go:645'),
  removing: message('I', 4, 'egressip.go:399', 'egressip.go:649'),
  'multiply-assigned': message('I', 4, 'egressip.go:426', 'egressip.go:676'),
  unassigned: message('I', 4, 'egressip.go:432', 'egressip.go:682'),
  'offline-node': message('I', 4, 'egressip.go:434', 'egressip.go:684'),
  'assign-failed': message('E', 0, 'egressip.go:121', 'egressip.go:232'),
  'release-failed': message('E', 0, 'egressip.go:133', 'egressip.go:249'),
  'address-exists': message('I', 2, 'egressip.go:186', 'egressip.go:434'),
  'address-absent': message('I', 2, 'egressip.go:224', 'egressip.go:478'),
  'arp-failed': message('W', 0, 'egressip.go:199', 'egressip.go:447'),
  'stale-address': message('I', 0, 'egressip.go:78', 'egressip.go:119'),
  'stale-address-failed': message('E', 0, 'egressip.go:80', 'egressip.go:110'),
  'stale-rules': message('I', 2, 'iptables.go:369', 'iptables.go:398'),
  'address-lost': message('I', 5, 'egressip.go:182', 'egressip.go:182'),
  'address-missing': message('I', 0, 'egressip.go:199', 'egressip.go:199'),
  monitoring: message('I', 4, 'vxlan_monitor.go:102', 'egressip.go:269'),
  unmonitoring: message('I', 4, 'vxlan_monitor.go:119', 'egressip.go:292'),
  'node-peer-offline': message('W', 0, 'vxlan_monitor.go:243', 'egressip.go:344'),
  'node-peer-online': message('I', 0, 'vxlan_monitor.go:218', 'egressip.go:338'),
  'node-peer-doubtful': message('I', 2, 'vxlan_monitor.go:248', 'egressip.go:349'),
  'controller-node-offline': message('W', 0, 'egressip.go:179', 'egressip.go:271'),
  'controller-node-online': message('I', 0, 'egressip.go:173', 'egressip.go:265'),
  'controller-node-doubtful': message('I', 2, 'egressip.go:184', 'egressip.go:276'),
  'controller-node-not-ready': message('W', 0, 'egressip.go:256', 'egressip.go:256'),
  'controller-node-missing': message('W', 0, 'egressip.go:215', 'egressip.go:215'),
  'hostsubnet-created': message('I', 0, 'subnets.go:149', 'subnets.go:147'),
  'hostsubnet-updated': message('I', 0, 'subnets.go:119', 'subnets.go:117'),
  'hostsubnet-deleted': message('I', 0, 'subnets.go:165', 'subnets.go:163'),
  'node-initializing': message('I', 0, 'node.go:148', 'node.go:137'),
  'plugin-starting': message('I', 2, 'node.go:386', 'node.go:299'),
  'already-set-up': message('I', 0, 'sdn_controller.go:137', 'sdn_controller.go:142'),
  'set-up-required': message('I', 0, 'sdn_controller.go:139', 'sdn_controller.go:144'),
  'pod-manager-starting': message('I', 2, 'node.go:435', 'node.go:345'),
  'pod-added': message('I', 0, 'pod.go:504', 'pod.go:537'),
  'mtu-check': message('I', 2, 'node.go:293', 'node.go:242'),
  'vnids-synced': message('I', 0, 'networkpolicy.go:332', 'networkpolicy.go:572'),
  'proxy-awaited': message('I', 2, 'cmd.go:171', 'cmd.go:185'),
  'plugin-registering': message('I', 2, 'cmd.go:173', 'cmd.go:187'),
  'plugin-ready': message('I', 2, 'cmd.go:177', 'cmd.go:191'),
  'controller-started': message('I', 0, 'network_controller.go:60', 'network_controller.go:57'),
  'master-initializing': message('I', 0, 'master.go:51', 'master.go:56'),
  'update-failed': message('E', 0, 'egressip.go:113', 'egressip.go:179'),
};

/** A line to be written: which one, and its text without header and prefix. */
export interface LogEntry {
  readonly message: MessageId;
  readonly text: string;
}
