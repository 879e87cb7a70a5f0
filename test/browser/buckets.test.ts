import { describe, expect, it } from 'vitest';
import { profileOf } from '../lab/aws-profile.ts';
import { hasRadosgw, useRadosgw } from '../lab/radosgw.ts';
import { Slipway } from '../support/slipway.ts';
import { looking } from './barriers.ts';
import { viewer } from './pictures.ts';
import { address, openPage, startServer, useBrowser } from './support.ts';

useBrowser();

describe.skipIf(!hasRadosgw())('buckets in the app', () => {
  const store = useRadosgw();

  it('a bucket is added, checked, its policy copied, and removed', async () => {
    const anna = await store().addUser('anna');
    await store().addBucket(anna, 'my-simulation-data');
    const { configFile, credentialsFile } = profileOf(anna);
    const files = { AWS_CONFIG_FILE: configFile, AWS_SHARED_CREDENTIALS_FILE: credentialsFile };
    const server = await startServer(new Slipway(), files);
    const page = await openPage(server.url);
    const view = viewer(page);
    const barriers = looking(page);
    const look = async (name: string): Promise<void> => {
      await view(name);
      await barriers.look(name);
    };
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Buckets' }).click();
    await page.getByText('No bucket yet').waitFor();
    await look('buckets-empty');

    await page.getByRole('link', { name: 'Add bucket' }).click();
    await page.getByLabel('Endpoint').fill('http://169.254.169.254');
    await page.keyboard.press('Enter');
    await page.getByText('answers cloud machines about themselves').waitFor();
    await page.getByText('is needed').waitFor();
    await look('buckets-problems');
    await page.getByText('Type an access key').click();
    await page.getByLabel('Secret access key').waitFor();
    await look('buckets-typed');
    await page.getByText('Sign in with a profile').click();
    await page.getByLabel('Endpoint').fill(store().endpoint);
    await page.getByLabel('Bucket', { exact: true }).fill('nowhere');
    await page.getByLabel('Name in Slipway').fill('data');
    await page.getByRole('combobox', { name: 'Profile' }).fill('');
    await page.getByRole('option', { name: 'lab' }).click();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'data', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Check the bucket' }).click();
    await page.getByText('There is no bucket nowhere').waitFor();
    await page.getByText('data cannot be used yet').waitFor();
    await look('buckets-failed');
    await page.getByRole('button', { name: 'Remove bucket…' }).click();
    await look('buckets-remove');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove bucket' }).click();
    await page.getByText('No bucket yet').waitFor();

    await page.getByRole('link', { name: 'Add bucket' }).click();
    await page.getByLabel('Endpoint').fill(store().endpoint);
    await page.getByLabel('Bucket', { exact: true }).fill('my-simulation-data');
    await page.getByRole('combobox', { name: 'Profile' }).fill('lab');
    await page.getByRole('button', { name: 'Add bucket' }).click();
    await page.getByRole('button', { name: 'Check the bucket' }).click();
    await page.getByText('my-simulation-data works.').waitFor({ timeout: 60_000 });
    await page.getByText('the store refuses what arrives damaged').waitFor();
    await look('bucket');
    await page.getByRole('button', { name: 'Show for the key' }).click();
    await page.getByRole('button', { name: 'Copy the policy' }).click();
    const policy = await page.evaluate(() => navigator.clipboard.readText());
    expect(JSON.parse(policy)).toMatchObject({ Version: '2012-10-17' });
    expect(policy).toContain('arn:aws:s3:::my-simulation-data/*');
    await look('bucket-policy');

    await page.goto(address(server, '/buckets?bucket=other'));
    await page.getByText('There is no bucket other any more.').waitFor();
    expect(barriers.found).toEqual({});
  }, 120_000);
});
