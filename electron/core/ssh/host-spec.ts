/** One host as SSH is to reach it: the target of a site after the SSH configuration has been applied. */
export interface HostSpec {
  /** What the person gave: an alias of the configuration, or a host name. */
  readonly name: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Private key files in the order in which they are tried; those that do not exist are left out. */
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  /** Only the keys named here are offered, not everything that the agent holds. */
  readonly identitiesOnly: boolean;
  /** Path of the agent's socket or named pipe; null = no agent. */
  readonly identityAgent: string | null;
  /** Methods in order (`publickey`, `keyboard-interactive`, `password`); null = the usual order. */
  readonly preferredAuthentications: readonly string[] | null;
  /** The name under which the host's key is looked up instead of host and port; null = none. */
  readonly hostKeyAlias: string | null;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'no';
  /** `SHA256:…` that the person expects; null = known_hosts decides. */
  readonly expectedHostKey: string | null;
  /** Hosts to go through, the first hop first. Each is judged and signed in to under its own name. */
  readonly jumps: readonly HostSpec[];
  readonly proxyCommand: string | null;
  readonly connectTimeoutSeconds: number;
  /** Why only the system's ssh can reach it (GSSAPI asked for by the host's own block, PKCS#11, a proxy command, a host CA); null = ssh2 can. */
  readonly needsSystemSsh: string | null;
  /** The configuration was read without an `ssh` program. */
  readonly reducedConfig: boolean;
  /** The configuration file given by the person; null = the usual ones. */
  readonly configFile: string | null;
}

/** What the known hosts say of a key. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** No entry for this host and key type, and none that contradicts. */
  | { readonly kind: 'unknown' }
  /** Another key of the same type is known, or (like OpenSSH) only other types are and one of them is offered by the file. */
  | { readonly kind: 'changed'; readonly file: string; readonly line: number; readonly knownFingerprint: string }
  | { readonly kind: 'revoked'; readonly file: string; readonly line: number };

/** The host keys that are trusted: the person's known_hosts files and Slipway's own. */
export interface HostKeys {
  /** Slipway's own file, for the system's ssh, which reads and writes it too; undefined = none. */
  readonly ownFile?: string;
  /** Judges a raw public key blob (`string algorithm, …` as in RFC 4253 §6.6). */
  judge(spec: HostSpec, key: Buffer): Promise<HostKeyVerdict>;
  /** Key algorithms that are known for the host, so that these are asked for first. */
  knownTypes(spec: HostSpec): Promise<readonly string[]>;
  /** Whether the host is known by an authority that signs its keys (`@cert-authority`). */
  hasAuthority(spec: HostSpec): Promise<boolean>;
  /** Adds a key to Slipway's own file (hashed host names), after a person or an expected fingerprint said so. */
  accept(spec: HostSpec, key: Buffer): Promise<void>;
}
