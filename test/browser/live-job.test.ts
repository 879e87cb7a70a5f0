import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../shared/contract/jobs.ts';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { address, loaded, openApp, useBrowser } from './support.ts';

useBrowser();

/** Six runs, two at a time: each waits for a gate, says what is put into `say`, and from run 5 on fails unless `mend` is there. */
function gatedFolder(place: string): string {
  return writeFiles({
    'runs.csv': 'n\n1\n2\n3\n4\n5\n6\n',
    'solve.sh': `echo "begin $1"
said=
while [ ! -e ${place}/gate ]; do
  if [ -z "$said" ] && [ -e ${place}/say ]; then cat ${place}/say; said=1; fi
  sleep 0.05
done
if [ "$1" -ge 5 ] && [ ! -e ${place}/mend ]; then echo "run $1 diverged" >&2; exit 3; fi
echo "value $1$1"
`,
    'slipway.yaml': `
name: Gated
type: doe
inputs: [solve.sh]
command: sh solve.sh \${n}
doe: {runs: runs.csv}
hardware: {slots: 2, walltime: 5m}
outputs:
  value: {file: stdout, regex: 'value (\\d+)', unit: mm}
`,
  });
}

async function startGated(): Promise<{ place: string; app: Awaited<ReturnType<typeof openApp>>; job: Job }> {
  const place = tempFolder();
  const app = await openApp();
  const { value: job } = await app.slipway.json<Job>('run', gatedFolder(place), '--no-wait');
  await app.page.getByRole('link', { name: 'Gated' }).click();
  await app.page.getByText('0 of 6 runs ended').waitFor();
  return { place, app, job };
}

function row(page: Page, run: number) {
  return page.getByRole('grid', { name: 'Results of Gated' }).locator(`[data-index="${run - 1}"]`);
}

describe('a job that is going', () => {
  it('is followed live, ends a run, shows what failed, and starts again what it is told to', async () => {
    const { place, app, job } = await startGated();
    const { page, slipway } = app;
    await page.getByRole('button', { name: 'Running 2' }).waitFor();
    await row(page, 1).click();
    const log = page.getByRole('log');
    await log.getByText('begin 1').waitFor();
    writeFileSync(join(place, 'say'), 'half way\n');
    await log.getByText('half way').waitFor();

    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('button', { name: 'Cancelled 1' }).waitFor();
    await page.getByRole('region', { name: 'Run 1', exact: true }).getByText('Cancelled').first().waitFor();
    writeFileSync(join(place, 'gate'), '');
    await page.getByText('6 of 6 runs ended').waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Failed 2' }).waitFor();
    await row(page, 5).click();
    await page
      .getByRole('region', { name: 'Run 5', exact: true })
      .getByText(/exit code 3|ended with 3|code 3/i)
      .first()
      .waitFor();

    writeFileSync(join(place, 'mend'), '');
    await page.getByRole('button', { name: 'Re-run 2 failed' }).click();
    await page.getByRole('button', { name: 'Done 5' }).waitFor({ timeout: 20_000 });
    expect(await page.getByRole('button', { name: /^Failed/ }).count()).toBe(0);
    await row(page, 6).getByText('66').waitFor();

    await row(page, 1).click();
    await row(page, 2).click({ modifiers: ['ControlOrMeta'] });
    await page.getByText('2 runs chosen').waitFor();
    await page.getByRole('button', { name: 'Re-run 2 chosen' }).click();
    await page.getByRole('button', { name: 'Done 6' }).waitFor({ timeout: 20_000 });
    await page.getByRole('tab', { name: 'Values' }).click();
    await page.getByRole('table', { name: 'Attempts' }).getByRole('cell', { name: '2', exact: true }).waitFor();

    await page.getByRole('button', { name: 'More actions' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('Gated.csv');
    const csv = readFileSync(await file.path(), 'utf8');
    expect(csv).toBe((await slipway.run('results', job.id, '--format', 'csv')).stdout);
    expect(csv).toMatch(/^run,state,n,value\n1,done,1,11\n/);
  }, 90_000);

  it('is cancelled as a whole after a question, and says so in the list', async () => {
    const { app } = await startGated();
    const { page } = app;
    await page.getByRole('button', { name: 'Running 2' }).waitFor();
    await page.getByRole('button', { name: 'Cancel job' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel job Gated?' });
    await dialog.getByText(/2 running runs will be ended, 4 queued runs will not start/).waitFor();
    await dialog.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('button', { name: 'Cancelled 6' }).waitFor({ timeout: 20_000 });
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('row').filter({ hasText: 'Gated' }).getByText('Cancelled').first().waitFor();
  }, 60_000);

  it('is told in words where its run map cannot be seen', async () => {
    const { app, job, place } = await startGated();
    const { page, server } = app;
    await page.goto(address(server, `/jobs/${job.id}`));
    await loaded(page);
    // The chip counts runs that are still starting, which the map's key passes over.
    await row(page, 2).getByText('Running').waitFor();
    const map = page.getByRole('grid', { name: 'Runs of Gated, 6 runs' });
    await map.focus();
    await map.press('ArrowRight');
    await map.getByRole('gridcell', { name: 'Run 1, Running' }).waitFor();
    await map.press('r');
    await map.getByRole('gridcell', { name: 'Run 2, Running' }).waitFor();
    writeFileSync(join(place, 'gate'), '');
    await page.getByText('6 of 6 runs ended').waitFor({ timeout: 20_000 });
    await map.press('f');
    await map.getByRole('gridcell', { name: 'Run 5, Failed' }).waitFor();
    await map.press('Shift+End');
    await page.getByText('2 runs chosen').waitFor();
    await map.press('Escape');
    await page.getByText('2 runs chosen').waitFor({ state: 'detached' });
  }, 60_000);
});
