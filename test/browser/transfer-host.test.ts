import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAS_SSHD, newKey, startSshd } from '../integration/ssh/ssh-lab.ts';
import { tempFolder } from '../support/job-folder.ts';
import { Slipway } from '../support/slipway.ts';
import { openApp, useBrowser } from './support.ts';

useBrowser();

describe.skipIf(!HAS_SSHD)('a transfer host in the app', () => {
  it('is given when a site is added, proved, shown with how files go, and signed in to again when it was away', async () => {
    const key = newKey();
    const login = await startSshd({ key, sftp: false });
    const dtn = await startSshd({ key, config: ['ForceCommand internal-sftp'] });
    const { page } = await openApp({ slipway: new Slipway() });
    const accept = async (): Promise<void> => {
      await page.getByRole('dialog', { name: /First time on/ }).waitFor();
      await page.getByRole('button', { name: 'It is the right key' }).click();
    };
    await page.getByRole('link', { name: 'Sites' }).first().click();
    await page.getByRole('link', { name: 'Add site' }).first().click();
    await page.getByLabel('Private key').fill(key);
    // An account for transfer only is no site.
    await page.getByRole('combobox', { name: 'Host' }).fill(`root@127.0.0.1:${dtn.port}`);
    await page.getByRole('button', { name: 'Sign in and look around' }).click();
    await accept();
    await page.getByText(/A site has to run commands/).waitFor();
    await page.getByRole('combobox', { name: 'Host' }).fill(`root@127.0.0.1:${login.port}`);
    await page.getByRole('button', { name: 'Sign in and look around' }).click();
    await accept();
    await page.getByLabel('Name of the site').fill('box');
    await page.getByRole('combobox', { name: 'Work folder' }).fill(join(tempFolder('slipway-work-'), 'work'));
    await page.getByRole('combobox', { name: 'Transfer host' }).fill(`root@127.0.0.1:${dtn.port}`);
    await page.getByRole('button', { name: 'Add site' }).click();
    await page.getByRole('heading', { name: 'box' }).waitFor();
    await page.getByText(`through root@127.0.0.1:${dtn.port}, by SFTP: connected`).waitFor();
    await page.getByRole('button', { name: 'Run a one-second job' }).click();
    await page.getByText('Send and fetch a file through the transfer host').waitFor({ timeout: 60_000 });
    await page.getByText(/^box works: /).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('region', { name: 'Test' }).getByRole('listitem').count()).toBe(7);
    await dtn.stop();
    await page.getByText(/by SFTP: unreachable/).waitFor({ timeout: 60_000 });
    await startSshd({ key, config: ['ForceCommand internal-sftp'], port: dtn.port, hostKey: dtn.hostKey });
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByText(/by SFTP: connected/).waitFor({ timeout: 60_000 });
  }, 240_000);
});
