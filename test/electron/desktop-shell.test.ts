import { describe } from 'vitest';
import { launchDouble } from '../fakes/electron/launch.ts';
import { MAIN_BUNDLE } from './shell-app.ts';
import { itIsADesktopShell } from './shell-cases.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('the desktop shell, with the double of Electron', () => {
  itIsADesktopShell(async () => launchDouble({ main: MAIN_BUNDLE, args: ['--home', temporaryFolder()] }));
});
