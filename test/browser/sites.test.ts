import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { Slipway } from '../support/slipway.ts';
import { HAS_SSHD, startSshd } from '../integration/ssh/ssh-lab.ts';
import { address, openApp, openFolder, useBrowser } from './support.ts';

const PICTURES = process.env['SLIPWAY_TEST_PICTURES'];

useBrowser();

describe.skipIf(!HAS_SSHD)('sites in the app', () => {
  it('adds a host with an unknown key and a code, proves it, and runs a job on it that can be repaired', async () => {
    const sshd = await startSshd({
      answers: ['secret', '123456'],
      config: ['AuthenticationMethods publickey,keyboard-interactive'],
    });
    const { page, server } = await openApp({ slipway: new Slipway() });
    const picture = async (name: string): Promise<void> => {
      if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
    };
    await page.getByRole('link', { name: 'Sites' }).first().click();
    await page.getByText('No site yet').waitFor();
    await picture('sites-empty');
    await page.getByRole('link', { name: 'Add site' }).first().click();
    await page.getByRole('combobox', { name: 'Host' }).fill(`root@127.0.0.1:${sshd.port}`);
    await page.getByLabel('Private key').fill(sshd.key);
    await page.getByRole('button', { name: 'Sign in and look around' }).click();

    const key = page.getByRole('dialog', { name: /First time on/ });
    await key.getByText(/^SHA256:/).waitFor();
    await picture('sites-host-key');
    await key.getByRole('button', { name: 'It is the right key' }).click();
    const question = page.getByRole('dialog', { name: /Sign in to/ });
    await question.getByRole('textbox').fill('secret');
    await picture('sites-question');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'What is there' }).waitFor();
    await page.getByRole('combobox', { name: 'Work folder' }).fill(join(tempFolder('slipway-work-'), 'work'));
    await page.getByLabel('Name of the site').fill('box');
    await picture('sites-found');
    await page.getByRole('button', { name: 'Add site' }).click();
    await page.getByRole('heading', { name: 'box' }).waitFor();
    await page.getByRole('button', { name: 'Run a one-second job' }).click();
    await page.getByText('Bring the results back').waitFor({ timeout: 60_000 });
    // Sign in, shell, work folder, hand over, run, bring back: the last one with the time that it took.
    const steps = page.locator('[aria-labelledby="site-test"] li');
    await steps.nth(5).getByText(/\d s$/).waitFor({ timeout: 30_000 });
    expect(await steps.count()).toBe(6);
    // Looking around, adding and testing were one sign-in.
    expect(sshd.accepted()).toBe(1);
    await picture('sites-tested');

    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml': `name: Repair
type: doe
command: sleep \${n}; [ \${n} -lt 3 ] || sleep 30
doe: {runs: runs.csv}
hardware: {slots: 3, walltime: 4s}
`,
    });
    await openFolder(page, folder);
    await page.getByRole('combobox', { name: 'Site' }).click();
    await page.getByRole('option', { name: 'box' }).click();
    await page.getByText(/^this-host of box has/).waitFor();
    await picture('new-job-on-site');
    await page.getByRole('button', { name: 'Run 3 runs' }).click();
    await page.getByText(/^box: /).waitFor();
    await picture('job-on-site');
    const repair = page.getByRole('button', { name: 'Re-run with 6 s' });
    await repair.waitFor({ timeout: 60_000 });
    await picture('job-repair');
    await sshd.stop();
    await page.goto(address(server, '/sites?site=box'));
    await page
      .getByText(/Unreachable|Not connected|Sign-in needed/)
      .first()
      .waitFor({ timeout: 60_000 });
    await picture('sites-unreachable');
  }, 240_000);
});
