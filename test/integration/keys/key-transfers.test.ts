import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';
import { HAS_TERMINAL, inTerminal } from '../cli/terminal.ts';
import { addSite } from '../sites/add-site.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';

const PASSPHRASE = 'correct horse battery';

it.skipIf(!HAS_SSHD || !HAS_TERMINAL)(
  'sending needs no passphrase, fetching asks for it once before anything is begun',
  async () => {
    const slipway = new Slipway();
    const made = await slipway.start(['key', 'create', 'turbine', '--passphrase-fd', '0'], { input: PASSPHRASE }).ended;
    expect(made.code).toBe(0);
    const { workdir } = await addSite(slipway, 'box');
    const source = writeFiles({ 'design.inp': 'confidential' });
    const sent = await slipway.run('put', join(source, 'design.inp'), `box:${workdir}/`, '--key', 'turbine');
    expect(sent, sent.stderr).toMatchObject({ code: 0 });
    expect(readdirSync(workdir)).toContain('design.inp.age');

    const to = join(tempFolder(), 'back.inp');
    const get = ['get', `box:${workdir}/design.inp.age`, to, '--key', 'turbine'];
    const locked = await slipway.json<{ error: { code: string } }>(...get);
    expect(locked).toMatchObject({ code: 3, value: { error: { code: 'secrets/locked' } } });

    const asked = inTerminal(slipway, ...get);
    await asked.until(/Unlock the vault/);
    await asked.until(/Passphrase: /);
    asked.type(`${PASSPHRASE}\r`);
    expect(await asked.ended).toBe(0);
    expect(readFileSync(to, 'utf8')).toBe('confidential');
    expect(asked.screen()).not.toContain(PASSPHRASE);
  },
  120_000,
);
