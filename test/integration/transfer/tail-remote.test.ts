import { appendFileSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { tailRemote } from '../../../electron/core/transfer/tail-remote.ts';
import type { TailRemoteOptions } from '../../../electron/core/transfer/tail-remote.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import type { Sshd } from '../ssh/ssh-lab.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { hostBehindProxy } from './transfer-lab.ts';

/** A tail that is read as fast as it comes. */
function follow(host: RemoteHost, path: string, more: Partial<TailRemoteOptions> = {}) {
  const abort = new AbortController();
  const reading = { text: '', error: null as unknown, ended: false, grows: true, abort };
  const options = { path, from: 0, limit: null, follow: true, mayGrow: () => reading.grows, signal: abort.signal };
  void (async () => {
    try {
      for await (const bytes of tailRemote(host, { ...options, ...more }))
        reading.text += Buffer.from(bytes).toString();
    } catch (error) {
      reading.error = error;
    }
    reading.ended = true;
  })();
  return reading;
}

async function read(host: RemoteHost, path: string, from: number, limit: number | null = null): Promise<string> {
  const reading = follow(host, path, { from, limit, follow: false });
  await eventually(() => reading.ended);
  if (reading.error !== null) throw reading.error;
  return reading.text;
}

/** Processes that scripts of channels run in, below that sshd. */
function scriptsBelow(sshd: Sshd): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      if (!environment.includes(` 127.0.0.1 ${sshd.port}\0`)) return false;
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('slipway');
    } catch {
      return false;
    }
  });
}

describe.runIf(HAS_SSHD)('tailing a file of a site', () => {
  test('reads from an offset, from the end, and no more than asked for', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const path = join(tempFolder("it's $HOME "), 'log');
    writeFileSync(path, '0123456789');
    expect(await read(host, path, 0)).toBe('0123456789');
    expect(await read(host, path, 4)).toBe('456789');
    expect(await read(host, path, 99)).toBe('0123456789');
    expect(await read(host, path, -3)).toBe('789');
    expect(await read(host, path, -99)).toBe('0123456789');
    expect(await read(host, path, 2, 3)).toBe('234');
    expect(await read(host, `${path}-missing`, 0)).toBe('');
    writeFileSync(path, Buffer.alloc(9_000_001, 'x'));
    expect(await read(host, path, 1)).toHaveLength(9_000_000);
  });

  test('follows within a second what is written, appears, shrinks or is replaced, and ends when the run has', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd));
    const path = join(tempFolder(), 'log');
    const reading = follow(host, path);
    await host.run(':');
    const becomes = async (change: () => void, text: string): Promise<void> => {
      const began = performance.now();
      change();
      await eventually(() => reading.text === text);
      expect(performance.now() - began).toBeLessThan(1500);
    };
    await becomes(() => writeFileSync(path, 'one\n'), 'one\n');
    await becomes(() => appendFileSync(path, 'two\n'), 'one\ntwo\n');
    await becomes(() => {
      truncateSync(path, 0);
      writeFileSync(path, 'new\n');
    }, 'one\ntwo\nnew\n');
    await becomes(() => {
      writeFileSync(`${path}2`, 'x\n');
      renameSync(`${path}2`, path);
    }, 'one\ntwo\nnew\nx\n');
    appendFileSync(path, 'last words');
    reading.grows = false;
    await eventually(() => reading.ended);
    expect([reading.text, reading.error]).toEqual(['one\ntwo\nnew\nx\nlast words', null]);
    await eventually(() => scriptsBelow(sshd).length === 0);
  });

  test('leaves nothing running when the reader goes or the connection breaks', async () => {
    const { host, proxy, sshd } = await hostBehindProxy();
    const path = join(tempFolder(), 'log');
    writeFileSync(path, 'one\n');
    const left = follow(host, path);
    await eventually(() => left.text === 'one\n');
    expect(scriptsBelow(sshd).length).toBeGreaterThan(0);
    left.abort.abort();
    await eventually(() => left.ended);
    await eventually(() => scriptsBelow(sshd).length === 0);
    const frozen = follow(host, path);
    await eventually(() => frozen.text === 'one\n');
    proxy.freeze();
    const began = performance.now();
    frozen.abort.abort();
    await eventually(() => frozen.ended);
    expect(performance.now() - began).toBeLessThan(1000);
    proxy.cut();
    await eventually(() =>
      host.run(':').then(
        () => true,
        () => false,
      ),
    );
    const cut = follow(host, path);
    await eventually(() => cut.text === 'one\n');
    proxy.cut();
    await eventually(() => cut.ended);
    expect(cut.error).toBeInstanceOf(RemoteError);
    expect((cut.error as RemoteError).kind).toBe('lost');
    await eventually(() => scriptsBelow(sshd).length === 0);
  });

  test('keeps memory flat when a large log has a slow reader', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const path = join(tempFolder(), 'log');
    writeFileSync(path, '');
    truncateSync(path, 1024 ** 3);
    await read(host, path, -1000);
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const held = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    let [bytes, pieces, highest] = [0, 0, 0];
    const options = { path, from: 0, limit: 300_000_000, follow: true, mayGrow: () => true };
    for await (const piece of tailRemote(host, { ...options, signal: AbortSignal.timeout(25_000) })) {
      bytes += piece.length;
      if (++pieces % 200 === 0) highest = Math.max(highest, held());
      // Slower than the host: everything else has its turn after every piece.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(300_000_000);
    expect(highest).toBeGreaterThan(0);
    expect(highest - before).toBeLessThan(80 * 1024 * 1024);
  });
});
