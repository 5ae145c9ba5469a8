// What an administrator might change about egress IPs, with what undoes it: commands as typed after `oc`.

/** One change and its way back. */
export interface AdministratorChange {
  /** In a few words, without a period: 'worker01 offers no range'. Names the change in findings. */
  readonly what: string;
  /** Commands, in order. */
  readonly does: readonly string[];
  readonly undoes: readonly string[];
}
