import { describe, expect, it } from 'vitest';
import { LabBucket } from '../lab/bucket-lab.ts';
import { hasRadosgw, useRadosgw } from '../lab/radosgw.ts';
import { writeFiles } from '../support/job-folder.ts';
import { Slipway } from '../support/slipway.ts';
import { looking } from './barriers.ts';
import { viewer } from './pictures.ts';
import { openApp, openFolder, typeOver, useBrowser } from './support.ts';

useBrowser();

describe.skipIf(!hasRadosgw())('a job whose files live in a bucket', () => {
  const store = useRadosgw();

  it('is composed in the form, run, and shows where its outputs are', async () => {
    const owner = await store().addUser('customer');
    await store().addBucket(owner, 'my-simulation-data');
    const bucket = new LabBucket(store(), owner, 'my-simulation-data');
    for (const name of ['a', 'b']) await bucket.put(`input/${name}.txt`, name);
    const slipway = new Slipway();
    const config = writeFiles({
      config: `[default]\naws_access_key_id = ${owner.accessKeyId}\naws_secret_access_key = ${owner.secretAccessKey}\n`,
    });
    const target = ['--endpoint', store().endpoint, '--profile', 'default', '--config-file', `${config}/config`];
    expect(await slipway.run('bucket', 'add', 'my-simulation-data', ...target)).toMatchObject({ code: 0 });

    const { page } = await openApp({ slipway });
    const view = viewer(page);
    const { found, look } = looking(page);
    const folder = writeFiles({
      'runs.csv': 's3_input,s3_output\ninput/a.txt,output/a/\ninput/b.txt,output/b/\n',
      'slipway.yaml':
        'name: Letters\ntype: doe\ncommand: cat *.txt >letters.out\ndoe: {runs: runs.csv}\nhardware: {walltime: 1m}\n',
    });
    await openFolder(page, folder);
    const files = page.locator('#section-files');
    await files.getByText('A bucket', { exact: true }).click();
    await expect.poll(() => files.getByRole('combobox', { name: 'Bucket' }).inputValue()).toBe('my-simulation-data');
    const output = files.getByRole('textbox', { name: 'Folder of outputs' });
    expect(await output.inputValue()).toBe('output/');
    await look('new job, files in a bucket');

    await typeOver(output, 'input/results');
    await files.getByText('lies within the other').waitFor();
    await view('new-job-bucket');
    await look('new job, folders that lie within each other');
    await typeOver(output, 'output');
    const run = page.getByLabel('Summary').getByRole('button', { name: 'Run 2 runs' });
    await expect.poll(() => run.isEnabled(), { timeout: 20_000 }).toBe(true);
    await files.getByText('This job folder', { exact: true }).click();
    await files.getByText('A bucket', { exact: true }).click();
    expect(await output.inputValue()).toBe('output');
    await expect.poll(() => run.isEnabled(), { timeout: 20_000 }).toBe(true);
    await run.click();

    await page.getByText('the bucket my-simulation-data').waitFor();
    await view('job-bucket');
    await expect.poll(async () => (await bucket.below('output/b/')).get('letters.out'), { timeout: 30_000 }).toBe('b');
    await page
      .getByRole('gridcell', { name: 'output/b/' })
      .or(page.getByRole('cell', { name: 'output/b/' }))
      .click();
    for (const tab of ['Values', 'Files']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByText('bucket:my-simulation-data/output/b/').waitFor();
    }
    await page.getByText('3 files, ').waitFor();
    await view('run-bucket');
    await look('run whose outputs are in a bucket');
    expect(found).toEqual({});
  }, 90_000);
});
