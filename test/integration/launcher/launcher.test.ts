import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, eventually, Slipway } from '../../support/slipway.ts';

const LAUNCHER = join(ROOT, 'build', 'slipway.mjs');

describe('the launcher', () => {
  it('serves the app where there is no display, says so in one line, and Ctrl-C ends everything', async () => {
    const slipway = new Slipway();
    const child = spawn(process.execPath, [LAUNCHER], {
      env: { ...process.env, SLIPWAY_HOME: slipway.home, DISPLAY: '', WAYLAND_DISPLAY: '', SLIPWAY_SHELL: 'browser' },
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await eventually(() => /http:\/\/127\.0\.0\.1:\d+\/#token=/.test(stdout), 60);
    // A build that is due is announced too; everything else is one line.
    expect(stderr.replace('slipway: building…\n', '').trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/served to your browser instead/);
    const url = new URL(/http:\/\/\S+/.exec(stdout)![0]);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await eventually(() => slipway.processes().length === 0);
    await expect(fetch(url)).rejects.toThrow();
  }, 120_000);

  it('hands a command over: stdout holds the JSON and nothing else, the exit code is the command’s', async () => {
    const slipway = new Slipway();
    const run = (args: string[]) =>
      new Promise<{ code: number | null; stdout: string }>((resolve) => {
        const child = spawn(process.execPath, [LAUNCHER, ...args], {
          env: { ...process.env, SLIPWAY_HOME: slipway.home },
          cwd: ROOT,
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        let stdout = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
        child.on('close', (code) => resolve({ code, stdout }));
      });
    const jobs = await run(['jobs', '--json']);
    expect(jobs).toEqual({ code: 0, stdout: '[]\n' });
    expect((await run(['show', 'nothing', '--json'])).code).toBe(4);
  }, 120_000);
});
