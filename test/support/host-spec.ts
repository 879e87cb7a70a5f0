import type { HostSpec } from '../../electron/core/ssh/host-spec.ts';

/** Variables as sshd's `SetEnv` takes them. */
export function variableWords(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** A host of this machine that takes one key and is taken for what it says it is. */
export function hostSpec(at: { readonly port: number; readonly user: string; readonly key: string }): HostSpec {
  return {
    name: 'lab',
    hostName: '127.0.0.1',
    port: at.port,
    user: at.user,
    identityFiles: [at.key],
    certificateFiles: [],
    identitiesOnly: true,
    identityAgent: null,
    preferredAuthentications: null,
    hostKeyAlias: null,
    userKnownHostsFiles: [],
    globalKnownHostsFiles: [],
    strictHostKeyChecking: 'accept-new',
    expectedHostKey: null,
    jumps: [],
    proxyCommand: null,
    connectTimeoutSeconds: 10,
    needsSystemSsh: null,
    reducedConfig: false,
    configFile: null,
  };
}
