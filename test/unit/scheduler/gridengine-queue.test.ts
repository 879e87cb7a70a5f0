import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/job-folder.ts';
import { brief, gridEngine, out, read, recorded } from './gridengine-answers.ts';

const QUEUE = recorded('queue.txt');

describe("Grid Engine's queue", () => {
  it('is read with whole names, tasks, nodes and times', () => {
    const records = read(gridEngine.parseQueue(out(QUEUE)));
    expect(brief(records)).toEqual([
      '34.3 finishing dr',
      '34.6 running r',
      '34.7 suspended s',
      '34.8 running r',
      '39.1,2 pending qw',
      '36.1,2,3 held Eqw',
      '36.4 held qw',
      '34.5 pending Rq',
      '34.9,10,11,12 pending qw',
      '37.1,2,3 held hqw',
      '38.1,2 held hqw',
    ]);
    expect(records[1]).toMatchObject({
      name: 'sw-mixed-1-aaaa',
      nodes: 'vm',
      startedAt: Date.UTC(2026, 10, 26, 7, 35, 59) / 1000,
    });
  });

  it('says in plain words why runs wait', () => {
    const words = new Map(
      read(gridEngine.parseQueue(out(QUEUE)))
        .filter((r) => r.state === 'held' || r.state === 'pending')
        .map((r) => [`${r.id}.${r.tasks[0]}`, gridEngine.reasonInWords(r.reason ?? '')]),
    );
    const error =
      'Held, for the start failed: can\'t open output file "/nonexistent/x.out": No such file or directory. Does the node have the work folder?';
    expect(Object.fromEntries(words)).toEqual({
      '39.1': 'No node has enough free cores for a run.',
      '36.1': error,
      // The tasks in error take up the places that the job may have at once.
      '36.4': error,
      '34.5': 'The scheduler gives no reason.',
      '34.9': 'The scheduler gives no reason.',
      '37.1': 'Held by the owner or an operator, or until another job has ended.',
      '38.1': 'Another job must end first.',
    });
  });

  it.each([
    ['qw', 'pending'],
    ['hqw', 'held'],
    ['hRwq', 'held'],
    ['Rq', 'pending'],
    ['Eqw', 'held'],
    ['EhRqw', 'held'],
    ['r', 'running'],
    ['hr', 'running'],
    ['Rr', 'running'],
    ['t', 'starting'],
    ['Rt', 'starting'],
    ['s', 'suspended'],
    ['ts', 'suspended'],
    ['S', 'suspended'],
    ['tT', 'suspended'],
    ['RtS', 'suspended'],
    ['dr', 'finishing'],
    ['dRt', 'finishing'],
    ['dS', 'finishing'],
    ['B?', 'unknown'],
    ['L', 'unknown'],
  ])('reads the letters %s as %s', (letters, state) => {
    const xml = `<job_info><queue_info><job_list state="running"><JB_job_number>5</JB_job_number><JB_name>x</JB_name><state>${letters}</state><tasks>1</tasks></job_list></queue_info></job_info>`;
    expect(read(gridEngine.parseQueue(out(xml)))).toMatchObject([{ id: '5', state, rawState: letters }]);
  });

  it('leaves out tasks that have ended and are only remembered', () => {
    const xml =
      '<job_info><job_list state="zombie"><JB_job_number>5</JB_job_number><state>z</state></job_list></job_info>';
    expect(read(gridEngine.parseQueue(out(xml)))).toEqual([]);
  });

  it('says nothing when the look failed', () => {
    const down =
      'error: commlib error: got select error (Connection refused)\nerror: unable to contact qmaster using port 6444 on host "vm"\n';
    expect(gridEngine.parseQueue(out('', 1, down))).toMatchObject({ kind: 'failed' });
    expect(gridEngine.parseQueue(out(QUEUE.slice(0, 900)))).toMatchObject({ kind: 'failed' });
    expect(gridEngine.parseQueue(out(''))).toMatchObject({ kind: 'failed' });
  });

  it('fails as a whole when qstat fails, and asks for no reasons then', () => {
    const bin = tempFolder('slipway-bin-');
    writeFileSync(join(bin, 'qstat'), '#!/bin/sh\necho called >>"$HOME/calls"\necho no master >&2\nexit 3\n');
    chmodSync(join(bin, 'qstat'), 0o755);
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin };
    expect(() => execFileSync('sh', ['-c', gridEngine.queue()], { env, stdio: 'pipe' })).toThrow(/no master/);
    expect(readFileSync(join(bin, 'calls'), 'utf8')).toBe('called\n');
  });

  it('is asked for reasons only of arrays of ours of which nothing runs or a task is in error', () => {
    const bin = tempFolder('slipway-bin-');
    writeFileSync(
      join(bin, 'list'),
      QUEUE.slice(0, QUEUE.indexOf('slipway-details')).replace('sw-held-1-dddd', 'mine'),
    );
    writeFileSync(
      join(bin, 'qstat'),
      `#!/bin/sh\ncase $1 in -u) cat "$HOME/list" ;; *) echo "$@" | tr , '\\n' | tr ' ' '\\n' | sort >"$HOME/asked" ;; esac\n`,
    );
    chmodSync(join(bin, 'qstat'), 0o755);
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin };
    execFileSync('sh', ['-c', gridEngine.queue()], { env });
    expect(readFileSync(join(bin, 'asked'), 'utf8')).toBe('-j\n36\n38\n39\n');
  });

  it('is read without harm whatever it prints', () => {
    const pieces = fc.constantFrom(...(QUEUE.match(/<[^>]*>|[^<]+/g) ?? []));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 60 }).map((p) => p.join('')),
        ),
        (text) => {
          expect(() => gridEngine.parseQueue(out(text))).not.toThrow();
          expect(() => gridEngine.parseQueue(out(`${text}\n</job_info>\nslipway-details\n${text}`))).not.toThrow();
        },
      ),
    );
  });

  it('means the same in every order', () => {
    const lists = QUEUE.match(/ *<job_list[\s\S]*?<\/job_list>\n/g)!;
    const details = QUEUE.slice(QUEUE.indexOf('slipway-details'));
    const expected = brief(read(gridEngine.parseQueue(out(QUEUE)))).toSorted();
    fc.assert(
      fc.property(fc.shuffledSubarray(lists, { minLength: lists.length }), (shuffled) => {
        const records = read(gridEngine.parseQueue(out(`<job_info>\n${shuffled.join('')}</job_info>\n${details}`)));
        expect(brief(records).toSorted()).toEqual(expected);
      }),
    );
  });
});
