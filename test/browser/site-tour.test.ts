import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { HAS_SSHD, startSshd } from '../integration/ssh/ssh-lab.ts';
import type { Sshd } from '../integration/ssh/ssh-lab.ts';
import { hasSlurm, useSlurm } from '../lab/slurm.ts';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { ROOT } from '../support/slipway.ts';
import { LOOK_AROUND } from './add-site.ts';
import { openApp, openFolder, useBrowser } from './support.ts';
import { viewer } from './pictures.ts';

useBrowser();

const ANSWERS = ['123456'];
const folder = mkdtempSync(join(tmpdir(), 'slipway-slurm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** A home whose SSH configuration names the cluster, for an app of its own: ssh itself knows no home but that of the account. */
function homeWith(sshd: Sshd): Record<string, string> {
  const home = writeFiles({
    '.ssh/config': `Host hpc\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User root\n  IdentityFile ${sshd.key}\n\nHost gateway\n  HostName gateway.example.org\n  User me\n`,
  });
  const programs = join(home, 'bin');
  mkdirSync(programs);
  writeFileSync(join(programs, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${home}/.ssh/config' "$@"\n`);
  chmodSync(join(programs, 'ssh'), 0o755);
  return { HOME: home, PATH: `${programs}:${process.env['PATH'] ?? ''}` };
}

/** The mesh study, whose runs go on when they have solved until `archive` is there: however busy the machine is, they are seen running. */
function meshStudy(): { readonly folder: string; readonly archive: string } {
  const folder = tempFolder();
  cpSync(join(ROOT, 'test', 'fixtures', 'mesh-study'), folder, { recursive: true });
  const archive = join(tempFolder('slipway-archive-'), 'open');
  writeFiles({ 'archive.sh': `until [ -e '${archive}' ]; do sleep 0.1; done\n` }, folder);
  const spec = join(folder, 'slipway.yaml');
  const text = readFileSync(spec, 'utf8')
    .replace('inputs: [mesh.sh]', 'inputs: [mesh.sh, archive.sh]')
    .replace(/^  before:.*$/m, '$&\n  after: sh archive.sh');
  writeFileSync(spec, text);
  return { folder, archive };
}

/** Answers the question for the code that every sign-in asks. */
async function giveCode(page: Page, take: (name: string) => Promise<void> = async () => {}): Promise<void> {
  const question = page.getByRole('dialog', { name: /Sign in to/ });
  await question.getByRole('textbox').fill(ANSWERS[0]!);
  await take('sign-in-code');
  await question.getByRole('button', { name: 'Sign in' }).click();
}

describe.skipIf(!hasSlurm() || !HAS_SSHD)('a Slurm cluster in the app', () => {
  const slurm = useSlurm(() => folder, { accounting: true });

  it('is added, proven, used, lost and found again, with every step told in words', async () => {
    const config = ['AuthenticationMethods publickey,keyboard-interactive'];
    const lab = { answers: ANSWERS, config, env: slurm().env };
    const sshd = await startSshd(lab);
    const { page } = await openApp({ env: homeWith(sshd) });
    const take = viewer(page);

    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Sites' }).click();
    await page.getByText('No site yet').waitFor();
    await take('sites-empty');
    await page.getByRole('main').getByRole('link', { name: 'Add site' }).last().click();
    await page.getByRole('combobox', { name: 'Host' }).click();
    await page.getByRole('option', { name: /hpc/ }).waitFor();
    await take('site-add');
    await page.getByRole('option', { name: /hpc/ }).click();
    await page.getByRole('button', { name: 'Sign in and look around' }).click();
    const key = page.getByRole('dialog', { name: /First time on/ });
    await key.getByText(/^SHA256:/).waitFor();
    await take('site-host-key');
    await key.getByRole('button', { name: 'It is the right key' }).click();
    await giveCode(page, take);
    await page.getByRole('heading', { name: 'What is there' }).waitFor(LOOK_AROUND);
    expect(await page.getByLabel('Name of the site').inputValue()).toBe('hpc');
    await page.getByRole('combobox', { name: 'Work folder' }).fill(join(tempFolder('slipway-work-'), 'slipway'));
    await page.getByRole('button', { name: 'Add site' }).focus();
    await take('site-found');
    await page.getByRole('button', { name: 'Add site' }).click();
    await page.getByRole('heading', { name: 'hpc' }).waitFor(LOOK_AROUND);
    await page.getByRole('button', { name: 'Run a one-second job' }).click();
    await page.getByText(/^hpc works: /).waitFor({ timeout: 60_000 });
    await page.getByText('Bring the results back').waitFor();
    await take('site-tested');

    // The person's own entries: a solver with its licence server, and the account that the hours are charged to.
    await page.getByRole('button', { name: 'Add software' }).click();
    const entry = page.getByRole('dialog', { name: 'Software of hpc' });
    await entry.getByRole('combobox', { name: 'Name' }).fill('abaqus');
    await entry.getByLabel('Version').fill('2024');
    await entry.getByLabel('Title').fill('Abaqus');
    await entry.getByLabel('Set-up').fill('module load abaqus/2024');
    await entry.getByLabel('Variables').fill('ABAQUSLM_LICENSE_FILE 27000@licences');
    await entry.getByLabel('Usual command').fill('abaqus job=model interactive');
    await entry.getByRole('button', { name: 'Add entry' }).click();
    await entry.getByText(/is not of the form NAME=VALUE/).waitFor();
    await entry.getByLabel('Variables').fill('ABAQUSLM_LICENSE_FILE=27000@licences');
    await take('site-software-entry');
    await entry.getByRole('button', { name: 'Add entry' }).click();
    await entry.waitFor({ state: 'detached' });
    const software = page.getByRole('table', { name: 'Software' });
    await software
      .getByRole('row', { name: /Abaqus 2024 your own/ })
      .getByText('module load abaqus/2024')
      .waitFor();
    await page.getByRole('button', { name: 'Change core type short' }).click();
    const type = page.getByRole('dialog', { name: 'Core type short' });
    await type.getByLabel('Account').fill('lab');
    await take('site-core-type');
    await type.getByRole('button', { name: 'Save core type' }).click();
    await type.waitFor({ state: 'detached' });
    await page
      .getByRole('table', { name: 'Core types' })
      .getByRole('row', { name: /short .* lab/ })
      .waitFor();
    await software.scrollIntoViewIfNeeded();
    await take('site-software');

    // Somebody else has the cluster: the runs wait, and the app says why.
    const other = await slurm().run(
      'sbatch',
      '--parsable',
      '-N2',
      '--exclusive',
      '-t',
      '30',
      '-o',
      '/dev/null',
      '--wrap',
      'sleep 600',
    );
    const { folder: study, archive } = meshStudy();
    await openFolder(page, study);
    await page.getByRole('combobox', { name: 'Site' }).click();
    await page.getByRole('option', { name: 'hpc' }).click();
    await page.getByText(/^main of hpc has/).waitFor();
    await take('new-job-on-site');
    await page.getByRole('button', { name: 'Run 4 runs' }).click();
    const note = page.getByRole('status').filter({ hasText: /^hpc:/ });
    await note.getByText(/4 runs wait\. /).waitFor({ timeout: 60_000 });
    await note.getByText(/Expected to start/).waitFor({ timeout: 60_000 });
    await take('job-pending');
    await slurm().run('scancel', other.trim());

    // The output of a run that is going comes in as it is written.
    await page.getByRole('button', { name: 'Running 3' }).waitFor({ timeout: 120_000 });
    const table = page.getByRole('grid', { name: 'Results of Mesh study' });
    await table.locator('[data-index="2"]').click();
    await page.getByText('live', { exact: true }).waitFor({ timeout: 60_000 });
    await page
      .getByRole('log')
      .getByText(/largest increment of disp/)
      .first()
      .waitFor({ timeout: 60_000 });
    await take('job-live');

    // One ran out of memory: with half as much again it goes through.
    await page.getByText(/1 run ran out of memory/).waitFor({ timeout: 60_000 });
    const more = page.getByRole('button', { name: /^Re-run with/ });
    writeFileSync(archive, '');
    await page.getByRole('button', { name: 'Done 3' }).waitFor({ timeout: 60_000 });
    await table.locator('[data-index="2"]').getByText('Done').waitFor();
    await table.locator('[data-index="3"]').click();
    await page.getByText(/stopped at the memory limit of 160 MiB/).waitFor();
    await take('job-out-of-memory');
    rmSync(archive);
    await more.click();
    await page.getByRole('button', { name: /^Running 1/ }).waitFor({ timeout: 60_000 });

    // The host goes away and comes back. What runs there does not care.
    await sshd.stop();
    await note.getByText(/Not heard from since \d\d:\d\d/).waitFor({ timeout: 60_000 });
    await note.getByText('Runs there go on.').waitFor();
    await note.getByText(/Next try in|Trying again now/).waitFor();
    await page.getByText(/^Not live: the site does not answer/).waitFor();
    await take('job-unreachable');
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Sites' }).click();
    await page
      .getByText(/Not heard from since/)
      .first()
      .waitFor();
    await take('site-unreachable');
    const back = await startSshd({ ...lab, port: sshd.port, hostKey: sshd.hostKey, key: sshd.key });
    await page.getByRole('button', { name: /^(Try now|Sign in)$/ }).click();
    await giveCode(page);
    await page.getByRole('main').getByText('Connected').first().waitFor();
    expect(back.accepted()).toBe(1);
    writeFileSync(archive, '');
    await page.goBack();
    await page.getByText('4 of 4 runs ended').waitFor({ timeout: 90_000 });
    await page.getByRole('button', { name: 'Done 4' }).waitFor();
    await table.locator('[data-index="3"]').getByText('Done').waitFor();
    await take('job-done');
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('link', { name: 'Mesh study' }).waitFor();
    await take('jobs');
  }, 400_000);
});
