import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { collect, HAS_SSHD, specOf, startSshd, useHost } from './ssh-lab.ts';
import { LOGIN_SHELLS, newUser } from './ssh-users.ts';

/** Everything that quoting can get wrong. */
const SCRIPT = String.raw`
# a comment with 'quotes' and "more" and !history
set -u
printf '%s ' 'it'"'"'s !! $HOME \n %s \\' "a\"b" $(printf 'x\ny' | wc -l); echo
printf '%s|' "$(printf %s 'nested "quotes" and \ back')" "ü€" '!important' "$((1 + 2))"
printf '\000\377end'
if cat; then echo; fi
echo 'to "stderr" it'"'"'s' >&2
x=' two  spaces	tab '; printf '[%s]' "$x" '*' '~'
(exit 42)
`;
const EXPECTED = Buffer.concat([
  Buffer.from(`it's !! $HOME \\n %s \\\\ a"b 1 \n`),
  Buffer.from(`nested "quotes" and \\ back|ü€|!important|3|`),
  Buffer.from([0, 255]),
  Buffer.from('end\n'),
  Buffer.from('[ two  spaces\ttab ][*][~]'),
]);

describe.runIf(HAS_SSHD).each(['ssh2', 'system'] as const)('by %s', (transport) => {
  test.each(LOGIN_SHELLS)('scripts mean the same under %s with noisy start-up files', async (shell) => {
    const user = newUser(shell);
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd, { user: user.name }), { deps: { transport } });
    const wanted = { stdout: EXPECTED, stderr: `to "stderr" it's\n`, code: 42 };
    expect(await host.run(SCRIPT)).toEqual(wanted);
    const channel = await host.exec(SCRIPT);
    channel.stdin.end();
    expect(await collect(channel)).toEqual(wanted);
    // What a program is sent goes to the program, all of it.
    const bytes = randomBytes(300_000);
    const cat = await host.exec('cat');
    cat.stdin.end(bytes);
    expect((await collect(cat)).stdout.equals(bytes)).toBe(true);
    // Longer than any argument may be.
    const long = 'y'.repeat(400_000);
    const huge = await host.exec(`printf %s '${long}' | wc -c`);
    expect((await collect(huge)).stdout.toString().trim()).toBe('400000');
    expect((await host.run('printf %s "$HOME"')).stdout.toString()).toBe(user.home);
    expect(sshd.accepted()).toBe(1);
  });

  test.each(['bash --posix', 'busybox sh', 'zsh --emulate sh'])(
    'scripts mean the same when /bin/sh is %s',
    async (sh) => {
      const swap = `eval "$(printf %s "$SSH_ORIGINAL_COMMAND" | sed "s#/bin/sh#${sh}#")"`;
      const { host } = useHost(specOf(await startSshd({ config: [`ForceCommand ${swap}`] })), { deps: { transport } });
      const wanted = { stdout: EXPECTED, stderr: `to "stderr" it's\n`, code: 42 };
      expect(await host.run(SCRIPT)).toEqual(wanted);
      const channel = await host.exec(SCRIPT);
      channel.stdin.end();
      expect(await collect(channel)).toEqual(wanted);
      const bytes = randomBytes(300_000);
      const cat = await host.exec('cat');
      cat.stdin.end(bytes);
      expect((await collect(cat)).stdout.equals(bytes)).toBe(true);
      const long = 'y'.repeat(400_000);
      const huge = await host.exec(`printf %s '${long}' | wc -c`);
      expect((await collect(huge)).stdout.toString().trim()).toBe('400000');
      expect((await host.run(`printf %s '${long}' | wc -c`)).stdout.toString().trim()).toBe('400000');
      expect((await host.run('echo "unfinished')).code).not.toBe(0);
      expect((await host.run('exit 3')).code).toBe(3);
      expect((await host.run('ps -o args= -p $$')).stdout.toString()).toContain(sh.split(' ')[0]);
    },
  );

  test('a shell that starts slowly in the middle of other calls is waited for', async () => {
    const { host } = useHost(
      specOf(await startSshd({ config: ['ForceCommand sleep 1; sh -c "$SSH_ORIGINAL_COMMAND"'] })),
      {
        deps: { transport },
      },
    );
    const answers = await Promise.all([host.run('echo one'), host.run('echo two')]);
    expect(answers.map((a) => a.stdout.toString())).toEqual(['one\n', 'two\n']);
  });
});
