import type { HostSpec } from './host-spec.ts';
import { fingerprintOf, keyTypeOf, randomartOf } from './host-key-text.ts';
import { RemoteError } from './remote-host.ts';
import type { SignIn } from './ssh-transport.ts';

/** Decides whether a host's key is trusted, asking a person about a new one. Resolves when it is; no answer can override a changed or revoked key. @throws RemoteError */
export async function judgeHostKey(spec: HostSpec, key: Buffer, signIn: SignIn, signal: AbortSignal): Promise<void> {
  const fingerprint = fingerprintOf(key);
  const at = spec.port === 22 ? spec.hostName : `${spec.hostName}:${spec.port}`;
  const verdict = await signIn.hostKeys.judge(spec, key);
  switch (verdict.kind) {
    case 'revoked':
      throw new RemoteError(
        'host-key',
        `The key of ${at} is marked as revoked (${verdict.file}, line ${verdict.line}). Nothing was sent.`,
        {
          hint: 'Ask the administrator of the host for its new key.',
        },
      );
    case 'changed':
      throw new RemoteError(
        'host-key',
        `The key of ${at} has changed. It is ${fingerprint}; known is ${verdict.knownFingerprint} (${verdict.file}, line ${verdict.line}). Nothing was sent.`,
        {
          hint: `Either the host was installed anew, or somebody stands between you and it. Ask its administrator for the fingerprint; when ${fingerprint} is right, remove line ${verdict.line} of ${verdict.file} and sign in again.`,
        },
      );
    case 'known':
      if (spec.expectedHostKey !== null && spec.expectedHostKey !== fingerprint)
        throw unexpected(at, fingerprint, spec.expectedHostKey);
      return;
    case 'unknown':
      break;
  }
  if (spec.expectedHostKey !== null) {
    if (spec.expectedHostKey !== fingerprint) throw unexpected(at, fingerprint, spec.expectedHostKey);
    await signIn.hostKeys.accept(spec, key);
    return;
  }
  if (spec.strictHostKeyChecking === 'accept-new' || spec.strictHostKeyChecking === 'no') {
    await signIn.hostKeys.accept(spec, key);
    return;
  }
  if (spec.strictHostKeyChecking === 'yes') {
    throw new RemoteError(
      'host-key',
      `The key of ${at} is not known, and your SSH configuration says StrictHostKeyChecking yes. Nothing was sent.`,
      {
        hint: `Its key is ${fingerprint}. When the administrator of the host says that this is right, give it: --host-key ${fingerprint}`,
      },
    );
  }
  const words = `The key of ${at} is not known yet: ${fingerprint}.`;
  if (signIn.ask === 'nobody' || !signIn.prompts.isWatched) {
    throw new RemoteError('sign-in-needed', words, {
      hint: `Compare it with what the administrator of the host says; then give it: --host-key ${fingerprint}`,
    });
  }
  const answers = await signIn.prompts.ask(
    {
      site: signIn.site,
      host: at,
      user: spec.user,
      kind: 'host-key',
      title: `First time on ${at}`,
      text: 'This host is not known yet. Compare its key with what its administrator or web page says before you go on.',
      fields: [],
      hostKey: { type: keyTypeOf(key), fingerprint, randomart: randomartOf(key) },
    },
    signal,
  );
  if (answers?.[0] !== 'accept')
    throw new RemoteError('cancelled', `The key of ${at} was not accepted. Nothing was sent.`);
  await signIn.hostKeys.accept(spec, key);
}

function unexpected(at: string, fingerprint: string, expected: string): RemoteError {
  return new RemoteError('host-key', `The key of ${at} is ${fingerprint}; expected is ${expected}. Nothing was sent.`, {
    hint: 'Ask the administrator of the host which one is right.',
  });
}
