import { describe, expect, it } from 'vitest';
import { RUN_WRAPPER_PS1 } from '../../../electron/core/sites/local/run-wrapper-windows.ts';
import { RUN_WRAPPER_SH } from '../../../electron/core/sites/local/run-wrapper.ts';
import { END_REASONS } from '../../../electron/core/sites/site.ts';

/** Names of the JSON members that a script writes. */
function members(script: string, record: RegExp): string[] {
  const text = record.exec(script)?.[0] ?? '';
  return [...text.matchAll(/\\?"(\w+)\\?":/g)].map((match) => match[1] ?? '');
}

/** The script without comments and without what stands in single quotes. */
function code(script: string): string {
  return script
    .replace(/@'[\s\S]*?\n'@/g, '')
    .replace(/^\s*#.*$/gm, '')
    .replace(/'[^'\n]*'/g, "''");
}

describe('the Windows twin of the run wrapper', () => {
  it('writes the same records, member by member', () => {
    const start = ['attempt', 'pid', 'startTicks', 'bootId', 'host', 'startedAt', 'uptime', 'token'];
    expect(members(RUN_WRAPPER_PS1, /\$start = [\s\S]*?\n\n/)).toEqual(start);
    expect(members(RUN_WRAPPER_SH, /\nstart=.*/)).toEqual(start);
    const end = members(RUN_WRAPPER_SH, /printf '\{"attempt".*/);
    expect(members(RUN_WRAPPER_PS1, /\$end = [\s\S]*?\nPublish/)).toEqual(end);
    expect(end).toContain('afterExitCode');
  });

  it('knows the same reasons, except the signals that Windows does not have', () => {
    for (const reason of END_REASONS.filter(
      (name) => !['terminated', 'fetch-failed', 'deliver-failed'].includes(name),
    )) {
      expect(RUN_WRAPPER_PS1).toContain(`'${reason}'`);
    }
  });

  it('uses the same files', () => {
    for (const name of ['start.json', 'end.json', 'before.out', '>stdout 2>stderr', 'after.out', 'after.err']) {
      expect(RUN_WRAPPER_PS1).toContain(name);
      expect(RUN_WRAPPER_SH).toContain(name);
    }
    for (const name of ['claim.$', 'cancel.$']) {
      expect(RUN_WRAPPER_PS1).toContain(name);
      expect(RUN_WRAPPER_SH).toContain(name);
    }
  });

  it('takes paths as values only: none is put into a command line or an expression', () => {
    expect(RUN_WRAPPER_PS1).not.toMatch(/Invoke-Expression|\biex\b|-EncodedCommand|Start-Process/i);
    for (const line of RUN_WRAPPER_PS1.split('\n').filter((l) => l.includes('$RunFolder'))) {
      expect(line).toMatch(
        /param\(|::Combine\(\$RunFolder|SetCurrentDirectory\(\$RunFolder\)|WorkingDirectory = \$RunFolder/,
      );
    }
    expect(/\$info\.Arguments = .*/.exec(RUN_WRAPPER_PS1)?.[0]).not.toMatch(/RunFolder|\$token/);
  });

  it('is plain ASCII, closes what it opens, and needs no language newer than PowerShell 5', () => {
    expect(RUN_WRAPPER_PS1).toMatch(/^[\x09\x0a\x20-\x7e]*$/);
    for (const [open, close] of ['{}', '()', '[]']) {
      const count = (mark: string | undefined): number => code(RUN_WRAPPER_PS1).split(mark ?? '').length;
      expect(count(open)).toBe(count(close));
    }
    expect(code(RUN_WRAPPER_PS1)).not.toMatch(/\?\?|&&|\|\|/);
  });
});
