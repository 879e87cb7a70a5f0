import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { treeOf } from '../../../electron/core/sites/local/process-tree.ts';
import { bootId, listProcesses, processStart } from '../../../electron/core/sites/local/processes.ts';

const processTable = fc
  .array(
    fc.record({
      parent: fc.nat(40),
      group: fc.nat(40),
      session: fc.option(fc.nat(40), { nil: null }),
      marked: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((rows) => rows.map((row, i) => ({ ...row, pid: i + 1 })));

describe('the tree of a run', () => {
  it('holds exactly the marked processes, the proved wrapper with its group and session, and all their descendants', () => {
    fc.assert(
      fc.property(processTable, fc.option(fc.integer({ min: 1, max: 40 }), { nil: null }), (all, wrapper) => {
        const found = new Set(treeOf(all, { token: 'x', wrapper }));
        for (const { pid, parent, group, session, marked } of all) {
          const own = marked || (wrapper !== null && [pid, group, session].includes(wrapper));
          expect(found.has(pid)).toBe(own || (parent !== pid && found.has(parent)));
        }
      }),
    );
  });

  it('takes nobody in without a mark or a proved wrapper', () => {
    fc.assert(
      fc.property(processTable, (all) => {
        const unmarked = all.map((info) => ({ ...info, marked: false }));
        expect(treeOf(unmarked, { token: 'x', wrapper: null })).toEqual([]);
      }),
    );
  });
});

describe('processes of this machine', () => {
  it('are named by pid and start', async () => {
    const own = await processStart(process.pid, process.platform);
    expect(own).not.toBeNull();
    expect(await processStart(process.pid, process.platform)).toBe(own);
    expect(await processStart(2 ** 30, process.platform)).toBeNull();
    expect(await bootId(process.platform)).toBe(await bootId(process.platform));
  });

  it('are listed alike by /proc and by ps', async () => {
    for (const platform of ['linux', 'darwin'] as const) {
      const all = await listProcesses('no-such-token', platform);
      expect(all.find(({ pid }) => pid === process.pid)).toMatchObject({ parent: process.ppid, marked: false });
    }
  });
});
