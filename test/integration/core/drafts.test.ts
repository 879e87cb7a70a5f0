import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCore } from '../../support/core.ts';
import { writeFiles } from '../../support/job-folder.ts';

const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

describe('a draft of dropped files', () => {
  it('is recognised, edited, tried out and run', async () => {
    const { client } = await startCore();
    const draft = await client.drafts.create({ requestId: 'request-1' });
    expect(draft.owned).toBe(true);
    expect((await client.drafts.create({ requestId: 'request-1' })).id).toBe(draft.id);
    const ref = { draft: draft.id };
    const csv = text('x,y\n1,2\n3,4\n');
    await client.drafts.putFile({ ...ref, path: 'cases.csv', offset: 0, bytes: csv.slice(0, 5), last: false });
    expect(existsSync(join(draft.folder, 'cases.csv'))).toBe(false);
    await client.drafts.putFile({ ...ref, path: 'cases.csv', offset: 5, bytes: csv.slice(5), last: true });
    await client.drafts.putFile({
      ...ref,
      path: 'run.sh.template',
      offset: 0,
      bytes: text('echo sum $((${x} + ${y}))\n'),
      last: true,
    });
    await client.drafts.putFile({ ...ref, path: 'data/table.txt', offset: 0, bytes: text('1 2 3\n'), last: true });
    await client.drafts.propose(ref);
    let report = await client.drafts.report(ref);
    expect(Object.fromEntries(report.files.filter((f) => f.kind === 'file').map((f) => [f.path, f.role]))).toEqual({
      'cases.csv': 'runs',
      'run.sh.template': 'template',
      'data/table.txt': 'input',
    });
    expect(report.runs).toMatchObject({
      file: 'cases.csv',
      total: 2,
      columns: [
        { name: 'x', kind: 'number' },
        { name: 'y', kind: 'number' },
      ],
    });
    expect(report.templates[0]!.placeholders.map((p) => p.text)).toEqual(['${x}', '${y}']);
    expect(await client.drafts.render({ ...ref, template: 0, run: 2 })).toMatchObject({
      text: 'echo sum $((3 + 4))\n',
      problems: [],
    });
    await client.drafts.patch({
      ...ref,
      changes: [
        { path: ['command'], value: 'sh run.sh' },
        { path: ['outputs', 'sum'], value: { file: 'stdout', regex: 'sum (\\d+)' } },
      ],
    });
    expect(await client.drafts.tryOutput({ ...ref, output: 'sum', text: 'noise\nsum 42\n' })).toMatchObject({
      value: 42,
      matches: [{ offset: 10, length: 2, used: true }],
    });
    report = await client.drafts.report(ref);
    expect(report.problems.filter((p) => p.severity === 'error')).toEqual([]);
    const job = await client.drafts.submit({ ...ref, requestId: 'request-2' });
    for await (const item of client.jobs.watch({ job: job.id }))
      if (item.kind !== 'removed' && item.job.finishedAt !== null) break;
    const { rows } = await client.jobs.results({ job: job.id });
    expect(rows.map((r) => r.outputs['sum'])).toEqual([3, 7]);
    await expect(client.drafts.get(ref)).rejects.toMatchObject({ code: 'not_found' });
    expect(existsSync(draft.folder)).toBe(false);
  });

  it('refuses paths that lead out of it', async () => {
    const { client } = await startCore();
    const draft = await client.drafts.create({ requestId: 'request-1' });
    for (const path of ['../evil', '/etc/evil', 'a/../../evil']) {
      await expect(
        client.drafts.putFile({ draft: draft.id, path, offset: 0, bytes: text('x'), last: true }),
      ).rejects.toMatchObject({ code: 'bad_input' });
    }
  });
});

describe('a draft of a folder', () => {
  it('follows slipway.yaml on disk until it is edited here; saving writes the file; the core’s restart keeps it', async () => {
    const first = await startCore();
    const folder = writeFiles({ 'slipway.yaml': 'name: A # comment\ntype: basic\ncommand: echo a\n' });
    const { id } = await first.client.drafts.create({ requestId: 'request-1', folder });
    writeFileSync(join(folder, 'slipway.yaml'), 'name: B # comment\ntype: basic\ncommand: echo b\n');
    expect(await first.client.drafts.get({ draft: id })).toMatchObject({
      specText: expect.stringMatching(/^name: B/),
      unsaved: false,
      owned: false,
    });
    const patched = await first.client.drafts.patch({ draft: id, changes: [{ path: ['name'], value: 'C' }] });
    expect(patched).toMatchObject({ specText: 'name: C # comment\ntype: basic\ncommand: echo b\n', unsaved: true });
    await first.close();
    const second = await startCore(first.home);
    expect((await second.client.drafts.get({ draft: id })).specText).toMatch(/^name: C/);
    expect((await second.client.drafts.save({ draft: id })).unsaved).toBe(false);
    expect(readFileSync(join(folder, 'slipway.yaml'), 'utf8')).toMatch(/^name: C/);
    await expect(second.client.drafts.removeFile({ draft: id, path: 'slipway.yaml' })).rejects.toMatchObject({
      code: 'bad_input',
    });
    await second.client.drafts.discard({ draft: id });
    expect(existsSync(join(folder, 'slipway.yaml'))).toBe(true);
  });
});
