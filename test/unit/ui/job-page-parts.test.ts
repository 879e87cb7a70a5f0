import { describe, expect, it } from 'vitest';
import type { Job, ResultRow } from '../../../shared/contract/jobs.ts';
import { sumWork, workText } from '../../../renderer/app/frame/work-words.ts';
import { exportName } from '../../../renderer/features/job/export-results.ts';
import { nextSort, readJobSearch, readSort } from '../../../renderer/features/job/job-search.ts';
import { colourChoices } from '../../../renderer/features/job/map-colours.ts';
import { addSample, observedRate } from '../../../renderer/features/job/observed-rate.ts';
import type { RateSample } from '../../../renderer/features/job/observed-rate.ts';
import { resultColumns, rowsAsTsv } from '../../../renderer/features/job/results/result-columns.ts';
import { filterJobs } from '../../../renderer/features/jobs/filter-jobs.ts';
import { bestMatches, matchScore } from '../../../renderer/ui/commands/match-commands.ts';
import { clampFirst, sizeAfterKey } from '../../../renderer/ui/split-view/split-share.ts';

const columns = {
  variables: [
    { name: 'width', unit: 'in', label: null, kind: 'number' as const },
    { name: 'mesh', unit: null, label: null, kind: 'text' as const },
  ],
  outputs: [{ name: 'tip', unit: 'in', label: 'Tip displacement', kind: 'number' as const }],
};

describe('the address of a job page', () => {
  it('keeps what it understands and drops the rest', () => {
    expect(readJobSearch({ run: 12, tab: 'values', color: 'output:tip', show: ['failed', 'nonsense'], x: 1 })).toEqual({
      run: 12,
      tab: 'values',
      color: 'output:tip',
      show: ['failed'],
    });
    expect(readJobSearch({ run: '3', show: 'done' })).toEqual({ run: 3, show: ['done'] });
    expect(readJobSearch({ run: -1, tab: 'nope', sort: '', show: [] })).toEqual({});
  });

  it('turns a column head through up, down and off', () => {
    expect(nextSort(null, 'run')).toBe('run');
    expect(nextSort(readSort('run'), 'run')).toBe('-run');
    expect(nextSort(readSort('-run'), 'run')).toBeUndefined();
    expect(nextSort(readSort('-run'), 'output:tip')).toBe('output:tip');
  });
});

describe('the results table', () => {
  const row: ResultRow = {
    run: 1,
    state: 'done',
    values: { width: '2.50', mesh: 'fine\tone' },
    outputs: { tip: 1.23456789 },
    exitCode: 0,
    wallSeconds: 1.5,
  };

  it('shows numbers shortened and copies them whole', () => {
    const [width, , tip, wall] = resultColumns(columns);
    expect(width?.cell(row)).toEqual({ text: '2.50' });
    expect(tip?.cell(row)).toEqual({ text: '1.23457', exact: '1.23456789' });
    expect(tip?.cell({ ...row, outputs: {} })).toEqual({ text: '–' });
    expect(wall?.cell({ ...row, wallSeconds: null })).toEqual({ text: '–' });
    expect(rowsAsTsv(resultColumns(columns), [row])).toBe(
      'run\tstate\twidth [in]\tmesh\tTip displacement [in]\tWall [s]\n1\tdone\t2.50\tfine one\t1.23456789\t1.5',
    );
  });

  it('offers the numeric columns to the map, outputs first', () => {
    expect(colourChoices(columns).map(({ column }) => column)).toEqual(['output:tip', 'value:width', 'wallSeconds']);
  });

  it('names exported files so that every file system takes them', () => {
    expect(exportName('Beam: 3/4"', 'csv')).toBe('Beam- 3-4.csv');
    expect(exportName('..', 'json')).toBe('results.json');
  });
});

describe('the observed rate', () => {
  const samplesOf = (pairs: readonly (readonly [number, number])[]): readonly RateSample[] =>
    pairs.reduce<readonly RateSample[]>((all, [at, ended]) => addSample(all, { at, ended }), []);

  it('needs some runs and some time', () => {
    expect(observedRate(samplesOf([[0, 0]]))).toBeNull();
    expect(
      observedRate(
        samplesOf([
          [0, 0],
          [1000, 100],
        ]),
      ),
    ).toBeNull();
    expect(
      observedRate(
        samplesOf([
          [0, 0],
          [10_000, 20],
        ]),
      ),
    ).toBe(2);
  });

  it('falls while no run ends', () => {
    const samples = samplesOf([
      [0, 0],
      [10_000, 20],
    ]);
    expect(observedRate(samples, 40_000)).toBe(0.5);
  });

  it('forgets the past and begins anew after a re-run', () => {
    expect(
      observedRate(
        samplesOf([
          [0, 0],
          [100_000, 10],
          [110_000, 110],
        ]),
      ),
    ).toBe(10);
    expect(
      samplesOf([
        [0, 50],
        [1000, 20],
      ]),
    ).toEqual([{ at: 1000, ended: 20 }]);
  });
});

describe('finding', () => {
  const job = (name: string, state: Job['state']): Job => ({
    id: name,
    name,
    type: 'doe',
    site: 'local',
    state,
    runs: { total: 3, done: 1, failed: 0, running: 1, queued: 1, cancelled: 0, unknown: 0 },
    submittedAt: '',
    finishedAt: null,
    folder: `/home/me/${name}`,
  });

  it('filters jobs by every word', () => {
    const jobs = [job('wing', 'done'), job('beam', 'failed')];
    expect(filterJobs(jobs, 'BEAM fail').map(({ name }) => name)).toEqual(['beam']);
    expect(filterJobs(jobs, ' ')).toBe(jobs);
    expect(filterJobs(jobs, '/home/me').length).toBe(2);
    const [beam, plate] = [
      { ...jobs[0]!, name: 'beam', site: 'hpc' },
      { ...jobs[0]!, name: 'plate', site: 'local' },
    ];
    expect(filterJobs([beam, plate], '', 'hpc')).toEqual([beam]);
    expect(filterJobs([beam, plate], 'hpc')).toEqual([beam]);
    expect(filterJobs([beam, plate], 'plate', 'hpc')).toEqual([]);
    expect(filterJobs([beam, plate], '', 'nowhere')).toEqual([]);
  });

  it('puts beginnings before middles', () => {
    expect(bestMatches('job', ['Cancel job', 'Job list', 'objobj'], (text) => text, 5)).toEqual([
      'Job list',
      'Cancel job',
      'objobj',
    ]);
    expect(matchScore('xyz', 'Cancel job')).toBeNull();
    expect(bestMatches('', ['b', 'a'], (text) => text, 1)).toEqual(['b']);
  });

  it('sums the open runs of all jobs in words', () => {
    expect(workText(sumWork([job('a', 'running'), job('b', 'running')]))).toBe('2 runs running, 2 queued in 2 jobs');
    expect(workText(sumWork([]))).toBe('Nothing is running');
  });
});

describe('the divider of a split view', () => {
  const limits = { minFirst: 100, minSecond: 200 };

  it('leaves both parts what they need, the first one before the second', () => {
    expect(clampFirst(10, 1000, limits)).toBe(100);
    expect(clampFirst(990, 1000, limits)).toBe(800);
    expect(clampFirst(500, 250, limits)).toBe(100);
    expect(clampFirst(500, 50, limits)).toBe(50);
  });

  it('moves by keys along its direction only', () => {
    const press = (key: string, shiftKey = false) => ({ key, shiftKey });
    expect(sizeAfterKey(press('ArrowRight'), 300, 1000, 'row')).toBe(316);
    expect(sizeAfterKey(press('ArrowUp', true), 300, 1000, 'column')).toBe(236);
    expect(sizeAfterKey(press('ArrowUp'), 300, 1000, 'row')).toBeNull();
    expect(sizeAfterKey(press('End'), 300, 1000, 'row')).toBe(1000);
  });
});
