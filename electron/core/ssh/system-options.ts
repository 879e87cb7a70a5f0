import type { HostSpec } from './host-spec.ts';
import type { SignIn } from './ssh-transport.ts';

/** A value in which ssh would read `%` as a token. */
export function escapeTokens(value: string): string {
  return value.replaceAll('%', '%%');
}

/** What `ssh` is told of a host before its name, so that it does what the resolved settings say. */
export function optionsOf(spec: HostSpec, signIn: SignIn, mayAsk: boolean): string[] {
  const own = signIn.hostKeys.ownFile;
  const quoted = (files: readonly string[]): string => files.map((file) => `"${escapeTokens(file)}"`).join(' ');
  const options: Record<string, string> = {
    HostName: escapeTokens(spec.hostName),
    StrictHostKeyChecking: spec.strictHostKeyChecking === 'no' ? 'accept-new' : spec.strictHostKeyChecking,
    UserKnownHostsFile: quoted([...(own === undefined ? [] : [own]), ...spec.userKnownHostsFiles]) || 'none',
    HashKnownHosts: 'yes',
    UpdateHostKeys: 'no',
    NumberOfPasswordPrompts: '3',
    ConnectTimeout: String(spec.connectTimeoutSeconds),
    ServerAliveInterval: '15',
    ServerAliveCountMax: '3',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    ClearAllForwardings: 'yes',
    ExitOnForwardFailure: 'no',
    EscapeChar: 'none',
    LogLevel: 'INFO',
  };
  if (spec.globalKnownHostsFiles.length > 0) options['GlobalKnownHostsFile'] = quoted(spec.globalKnownHostsFiles);
  if (spec.hostKeyAlias !== null) options['HostKeyAlias'] = spec.hostKeyAlias;
  if (spec.identitiesOnly) options['IdentitiesOnly'] = 'yes';
  options['IdentityAgent'] = spec.identityAgent === null ? 'none' : escapeTokens(spec.identityAgent);
  // Nobody is there: a method that asks is not even begun.
  if (!mayAsk) options['PreferredAuthentications'] = 'gssapi-with-mic,hostbased,publickey';
  else if (spec.preferredAuthentications !== null)
    options['PreferredAuthentications'] = spec.preferredAuthentications.join(',');
  return [
    ...(spec.configFile === null ? [] : ['-F', spec.configFile]),
    ...['-l', spec.user, '-p', String(spec.port)],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...spec.identityFiles.flatMap((file) => ['-i', escapeTokens(file)]),
    ...spec.certificateFiles.flatMap((file) => ['-o', `CertificateFile=${escapeTokens(file)}`]),
  ];
}
