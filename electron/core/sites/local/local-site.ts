// temporary: replaced by the real local site
import { spawn } from 'node:child_process';
import { readFileSync, existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Site } from '../site.ts';
export function createLocalSite(_: { clock: Clock }): Site {
  const read = (f: string): any => { try { return JSON.parse(readFileSync(f, 'utf8')); } catch { return null; } };
  const coreTypes = () => [{ name: 'this-machine', description: 'x', cores: availableParallelism(), memoryBytes: totalmem() }];
  return {
    coreTypes,
    describe: async () => ({ name: 'local', kind: 'local', title: 'This workstation', coreTypes: coreTypes(), software: [{ name: 'calculix', title: 'CalculiX', version: '2.20', path: '/usr/bin/ccx', command: 'ccx -i model', hint: null }] }),
    start(r, onExit) {
      const c = spawn('/bin/sh', [join(r.jobDir, 'wrapper.sh'), r.runDir, String(r.attempt), String(r.walltimeSeconds), String(r.memoryBytes ?? 0)], { detached: true, stdio: 'ignore', env: { ...process.env, ...r.environment, SLIPWAY_RUN_TOKEN: 'tok' + Math.random().toString(36).slice(2) } });
      c.on('exit', onExit);
    },
    async observe(h) {
      const s = read(join(h.runDir, 'start.json')); const e = read(join(h.runDir, 'end.json'));
      if (e) return { kind: 'ended', end: e, startedAt: s ? s.startedAt * 1000 : null };
      if (s) return existsSync('/proc/' + s.pid) ? { kind: 'running', startedAt: s.startedAt * 1000 } : { kind: 'lost', reason: 'gone' };
      return { kind: 'not-started' };
    },
    async cancel(h) { const s = read(join(h.runDir, 'start.json')); if (s) process.kill(s.pid, 'SIGTERM'); },
  };
}
