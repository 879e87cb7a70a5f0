import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { RunningApp } from '../fakes/electron/launch.ts';
import { launchDouble } from '../fakes/electron/launch.ts';
import { Slipway } from '../support/slipway.ts';
import { callCore, MAIN_BUNDLE, valueOf, waitForApp } from './shell-app.ts';

const CREATE = { requestId: 'request-1', name: 'turbine', recipients: [] };

function launch(home: string): RunningApp {
  const app = launchDouble({ main: MAIN_BUNDLE, args: ['--home', home] });
  onTestFinished(() => app.close());
  return app;
}

it('the keyring of the session keeps the key of the profile: nobody is asked, and elsewhere it cannot be had', async () => {
  const slipway = new Slipway();
  const app = launch(slipway.home);
  const page = await app.firstWindow();
  await waitForApp(page);
  expect(await valueOf(page, 'secrets.status')).toMatchObject({ keeper: 'keyring', state: 'new' });
  const made = await valueOf(page, 'keys.create', CREATE);
  expect(made).toMatchObject({ key: { name: 'turbine' } });
  expect(await valueOf(page, 'secrets.status')).toMatchObject({ keyring: 'the GNOME keyring', state: 'open' });
  const kept = readFileSync(join(slipway.home, 'secrets', 'device-key.json'), 'utf8');
  expect(JSON.parse(kept)).toMatchObject({ keeper: 'keyring' });
  expect(kept).not.toContain('AGE-SECRET');

  // A command works through the app while it is open.
  const file = join(slipway.home, 'turbine.key.age');
  expect(await slipway.json('key', 'export', 'turbine', '-o', file)).toMatchObject({ code: 0 });
  await app.close();
  expect(await slipway.json('key', 'export', 'turbine', '-o', `${file}.2`)).toMatchObject({
    code: 3,
    value: { error: { code: 'secrets/unavailable', message: expect.stringContaining('Start the desktop app') } },
  });

  const again = launch(slipway.home);
  const next = await again.firstWindow();
  await waitForApp(next);
  expect(await valueOf(next, 'keys.export', { key: 'turbine' })).toMatchObject({ fileName: 'turbine.key.age' });
}, 90_000);

it('a keyring that only scrambles is not used: the person is asked for a passphrase', async () => {
  const slipway = new Slipway();
  const app = launch(slipway.home);
  const page = await app.firstWindow();
  await waitForApp(page);
  await app.evaluate(({ safeStorage }) => void (safeStorage.keyring.backend = 'basic_text'));
  const creating = callCore(page, 'keys.create', CREATE, 60_000);
  const dialog = page.getByRole('dialog', { name: 'Choose a passphrase for the vault' });
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await creating).toMatchObject({ kind: 'fail', error: { code: 'secrets/locked' } });
  expect(existsSync(join(slipway.home, 'secrets', 'device-key.json'))).toBe(false);
}, 90_000);
