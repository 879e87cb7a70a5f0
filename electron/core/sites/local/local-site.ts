// temporary: replaced by the real local site
import { Launcher } from './launcher.ts';
import { readFileSync, existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Site } from '../site.ts';
export function createLocalSite(_: { clock: Clock }): Site {
  const read = (f: string): any => { try { return JSON.parse(readFileSync(f, 'utf8')); } catch { return null; } };
  const coreTypes = () => [{ name: 'this-machine', description: 'x', cores: availableParallelism(), memoryBytes: totalmem() }];
  const launcher = new Launcher();
  return {
    coreTypes,
    describe: async () => ({ name: 'local', kind: 'local', title: 'This workstation', coreTypes: coreTypes(), software: [{ name: 'calculix', title: 'CalculiX', version: '2.20', path: '/usr/bin/ccx', command: 'ccx -i model', hint: null }] }),
    start(r, onExit) {
      launcher.start(['/bin/sh', join(r.jobDir, 'wrapper.sh'), r.runDir, String(r.attempt), String(r.walltimeSeconds), String(r.memoryBytes ?? 0)], { ...r.environment, SLIPWAY_EPOCH: (Date.now()/1000).toFixed(2), SLIPWAY_RUN_TOKEN: 'tok' + Math.random().toString(36).slice(2) }, onExit);
    },
    async observe(h) {
      const s = read(join(h.runDir, 'start.json')); const e = read(join(h.runDir, 'end.json'));
      if (e) return { kind: 'ended', end: e, startedAt: s ? s.startedAt * 1000 : null };
      if (s) return existsSync('/proc/' + s.pid) ? { kind: 'running', startedAt: s.startedAt * 1000 } : { kind: 'lost', reason: 'gone' };
      return { kind: 'not-started' };
    },
    async dispose() { launcher.dispose(); },
    async cancel(h) { const s = read(join(h.runDir, 'start.json')); if (s) process.kill(s.pid, 'SIGTERM'); },
  };
}
