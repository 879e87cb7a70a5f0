import { RemoteError } from './remote-host.ts';
import { printableText } from './sign-in-prompts.ts';

const INTERACTIVE = /keyboard-interactive|password/;
const NETWORK: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, 'connection refused'],
  [/Could not resolve hostname/, 'its name is not known'],
  [/timed out/, 'no answer'],
  [/No route to host/, 'no way to the host (is the network or the VPN up?)'],
  [/Network is unreachable/, 'no way to the network (is the network or the VPN up?)'],
  [/Connection reset/, 'the connection was reset'],
  [/Connection closed|closed by remote host/, 'the host closed the connection'],
  [/Timeout, server .* not responding/, 'no answer'],
];

/** Why `ssh` ended, from what it said. `at`: the host, for the words; `asked`: whether a person could be asked. */
export function failureOfSsh(said: string, at: string, asked: boolean): RemoteError {
  const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/.exec(said)?.[0] ?? 'not told';
  if (said.includes('REVOKED HOST KEY')) {
    return new RemoteError('host-key', `The key of ${at} (${fingerprint}) is marked as revoked. Nothing was sent.`, {
      hint: 'Ask the administrator of the host for its new key.',
    });
  }
  if (said.includes('IDENTIFICATION HAS CHANGED')) {
    const place = /Offending .* key in (.*):(\d+)/.exec(said);
    const where = place === null ? '' : ` (${printableText(place[1]!)}, line ${place[2]})`;
    return new RemoteError(
      'host-key',
      `The key of ${at} has changed. It is ${fingerprint}; another one is known${where}. Nothing was sent.`,
      {
        hint: `Either the host was installed anew, or somebody stands between you and it. Ask its administrator for the fingerprint; when ${fingerprint} is right, remove the old line${where} and sign in again.`,
      },
    );
  }
  if (said.includes('Host key verification failed'))
    return new RemoteError('host-key', `The key of ${at} is not trusted. Nothing was sent.`);
  const denied = /Permission denied \(([^)]*)\)/.exec(said)?.[1];
  if (denied !== undefined) {
    if (!asked && INTERACTIVE.test(denied)) {
      return new RemoteError('sign-in-needed', `${at} asks for a password or code.`, {
        hint: 'Sign in from the app, or from a terminal, where the question can be asked.',
      });
    }
    return new RemoteError('sign-in-refused', `${at} refused every way to sign in. The host takes ${denied}.`, {
      hint: 'Check the user name and the key, and whether the key is among the authorized keys of the host.',
    });
  }
  if (/Too many authentication failures/.test(said)) {
    return new RemoteError('sign-in-refused', `${at}: too many keys or answers were offered.`, {
      hint: 'Name the right key for this host (IdentityFile and IdentitiesOnly yes in the SSH configuration, or --identity).',
    });
  }
  const words = NETWORK.find(([pattern]) => pattern.test(said))?.[1];
  const last = printableText(said).trim().split('\n').at(-1)?.slice(0, 300);
  return new RemoteError(
    'unreachable',
    `${at} cannot be reached: ${words ?? (last === '' ? undefined : last) ?? 'ssh gave no reason'}.`,
  );
}

/** What a question of `ssh` is about. */
export type SshQuestion =
  | { readonly kind: 'host-key'; readonly fingerprint: string; readonly type: string; readonly host: string }
  | { readonly kind: 'passphrase'; readonly file: string }
  | { readonly kind: 'password' }
  | { readonly kind: 'keyboard-interactive' };

/** Reads a question of `ssh` (its texts are the same in every language). */
export function readQuestion(text: string): SshQuestion {
  if (/\(yes\/no/.test(text)) {
    return {
      kind: 'host-key',
      fingerprint: /SHA256:[A-Za-z0-9+/]{43}/.exec(text)?.[0] ?? '',
      type: /(\S+) key fingerprint/.exec(text)?.[1] ?? '',
      host: /authenticity of host '([^']*)'/.exec(text)?.[1] ?? '',
    };
  }
  const file = /^Enter passphrase for (?:key )?'?(.*?)'?: ?$/.exec(text)?.[1];
  if (file !== undefined) return { kind: 'passphrase', file };
  return /'s password: ?$/.test(text) ? { kind: 'password' } : { kind: 'keyboard-interactive' };
}
