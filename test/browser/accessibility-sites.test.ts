import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAS_SSHD, startSshd } from '../integration/ssh/ssh-lab.ts';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { LOOK_AROUND } from './add-site.ts';
import { looking } from './barriers.ts';
import { openApp, openFolder, useBrowser } from './support.ts';

useBrowser();

describe.skipIf(!HAS_SSHD)('sites in light and dark colours', () => {
  it('has no barriers on the way to a site and on it', async () => {
    const sshd = await startSshd({
      answers: ['secret'],
      config: ['AuthenticationMethods publickey,keyboard-interactive'],
    });
    const { page } = await openApp();
    const { found, look } = looking(page);
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Sites' }).click();
    await page.getByText('No site yet').waitFor();
    await look('sites, empty');
    await page.getByRole('link', { name: 'Add site' }).click();
    await page.getByRole('combobox', { name: 'Host' }).fill(`root@127.0.0.1:${sshd.port}`);
    await page.getByLabel('Private key').fill(sshd.key);
    await look('add site');
    await page.getByRole('button', { name: 'Sign in and look around' }).click();
    await page
      .getByRole('dialog', { name: /First time on/ })
      .getByText(/^SHA256:/)
      .waitFor();
    await look('host key');
    await page.getByRole('button', { name: 'It is the right key' }).click();
    await page
      .getByRole('dialog', { name: /Sign in to/ })
      .getByRole('textbox')
      .fill('secret');
    await look('question');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What is there' }).waitFor(LOOK_AROUND);
    await page.getByLabel('Name of the site').fill('box');
    await page.getByRole('combobox', { name: 'Work folder' }).fill(join(tempFolder('slipway-work-'), 'work'));
    await look('add site, found');
    await page.getByRole('button', { name: 'Add site' }).click();
    await page.getByRole('heading', { name: 'box' }).waitFor(LOOK_AROUND);
    await page.getByRole('button', { name: 'Run a one-second job' }).click();
    await page.getByText(/^box works: /).waitFor({ timeout: 60_000 });
    await look('site, tested');
    await page.getByRole('button', { name: 'Add software' }).click();
    await page.getByRole('button', { name: 'Add entry' }).click();
    await page.getByText(/^Lower case letters/).waitFor();
    await look('software entry, with problems');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Change core type this-host' }).click();
    await page.getByRole('dialog', { name: 'Core type this-host' }).waitFor();
    await look('core type');
    await page.keyboard.press('Escape');
    const gate = join(tempFolder(), 'gate');
    const folder = writeFiles({
      'slipway.yaml': `name: Seen\ntype: basic\ncommand: 'while [ ! -e ${gate} ]; do sleep 0.05; done'\nhardware: {walltime: 5m}\n`,
    });
    await openFolder(page, folder);
    await page.getByRole('combobox', { name: 'Site' }).click();
    await page.getByRole('option', { name: 'box' }).click();
    await page.getByText(/^this-host of box has/).waitFor();
    await look('new job on a site');
    await page.getByRole('button', { name: /^Run/ }).click();
    await page.getByText(/^box: Running/).waitFor({ timeout: 60_000 });
    await look('job on a site');
    await sshd.stop();
    await page.getByText('Runs there go on.').waitFor({ timeout: 60_000 });
    await look('job on a site that is away');
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Sites' }).click();
    await page.getByText(/Not heard from since/).waitFor();
    await look('site, away');
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('combobox', { name: 'Site' }).click();
    await page.getByRole('option', { name: 'box' }).waitFor();
    await look('jobs, with sites');
    writeFileSync(gate, '');
    expect(found).toEqual({});
  }, 180_000);
});
