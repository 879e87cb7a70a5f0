import { describe, expect, test } from 'vitest';
import { clockWords, networkWords, stateAfter } from '../../../electron/core/ssh/connection-words.ts';
import { printableText } from '../../../electron/core/ssh/sign-in-prompts.ts';
import { failureOfSsh, readQuestion } from '../../../electron/core/ssh/system-words.ts';

const PRINT = 'SHA256:3Kl5k0b2T0Yx3qfW0d1l8m5n2v7c4b6a9z1y3x5w7u8';

describe('what ssh asks', () => {
  test.each([
    [
      `The authenticity of host '[127.0.0.1]:2222 ([127.0.0.1]:2222)' can't be established.\nED25519 key fingerprint is ${PRINT}.\nThis key is not known by any other names.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? `,
      { kind: 'host-key', fingerprint: PRINT, type: 'ED25519', host: '[127.0.0.1]:2222 ([127.0.0.1]:2222)' },
    ],
    ["Enter passphrase for key '/home/a b/.ssh/id_rsa': ", { kind: 'passphrase', file: '/home/a b/.ssh/id_rsa' }],
    ["jane@login.example.org's password: ", { kind: 'password' }],
    ['(jane@login) Verification code: ', { kind: 'keyboard-interactive' }],
    ['Passcode or option (1-3): ', { kind: 'keyboard-interactive' }],
  ])('%j', (text, expected) => {
    expect(readQuestion(text)).toEqual(expected);
  });
});

describe('why ssh ended', () => {
  test.each([
    ['ssh: connect to host h port 22: Connection refused', true, 'unreachable', 'connection refused'],
    ['ssh: Could not resolve hostname h: Name or service not known', true, 'unreachable', 'its name is not known'],
    ['ssh: connect to host h port 22: No route to host', true, 'unreachable', 'VPN'],
    ['jane@h: Permission denied (publickey,password).', true, 'sign-in-refused', 'publickey,password'],
    ['jane@h: Permission denied (publickey,password).', false, 'sign-in-needed', 'password'],
    ['jane@h: Permission denied (publickey).', false, 'sign-in-refused', 'publickey'],
    [
      'Received disconnect from 1.2.3.4 port 22:2: Too many authentication failures',
      true,
      'sign-in-refused',
      'too many',
    ],
    [
      `@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nThe fingerprint for the ED25519 key sent by the remote host is\n${PRINT}.\nOffending ECDSA key in /home/j/.ssh/known_hosts:17\nHost key verification failed.`,
      true,
      'host-key',
      'known_hosts, line 17',
    ],
    ['Host key verification failed.', true, 'host-key', 'not trusted'],
    ['something \u001b[31modd\u001b[0m\nlast words', true, 'unreachable', 'last words'],
    ['', true, 'unreachable', 'gave no reason'],
  ])('%j', (said, asked, kind, words) => {
    const error = failureOfSsh(said, 'h', asked);
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('\u001b');
  });
});

test('text of a server is shown without control characters and in bounds', () => {
  expect(printableText('a\r\nb\u001b]0;x\u0007\u202ec\td')).toBe('a\nb]0;xc\td');
  expect(printableText('x'.repeat(10_000))).toHaveLength(4096);
});

test('network failures and times are said in words', () => {
  expect(networkWords(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))).toBe(
    'connection refused',
  );
  const both = new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]);
  expect(networkWords(both)).toBe('connection refused');
  const now = new Date(2026, 10, 25, 15, 0).getTime();
  expect(clockWords(new Date(2026, 10, 25, 14, 2).getTime(), now)).toBe('14:02');
  expect(clockWords(new Date(2026, 10, 24, 4, 2).getTime(), now)).toBe('2026-11-24 04:02');
  expect(stateAfter('timeout')).toBe('unreachable');
  expect(stateAfter('host-key')).toBe('blocked');
});
