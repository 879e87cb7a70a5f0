import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { describe } from 'vitest';
import { realElectron } from './real-electron.ts';
import { itIsADesktopShell } from './shell-cases.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { binary, missing } = realElectron(root);

describe.skipIf(binary === null)(
  binary === null
    ? `the desktop shell, with a real Electron: not run, ${missing}`
    : 'the desktop shell, with a real Electron',
  () => {
    itIsADesktopShell(async () => {
      const env = Object.fromEntries(
        Object.entries(process.env).filter(
          (entry): entry is [string, string] => entry[0] !== 'ELECTRON_RUN_AS_NODE' && entry[1] !== undefined,
        ),
      );
      const app = await _electron.launch({
        executablePath: binary ?? undefined,
        // Chromium refuses its own sandbox to root; the renderer's `sandbox` preference stays on.
        args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, '--home', temporaryFolder()],
        env,
      });
      return {
        evaluate: (run) => app.evaluate(run as never),
        firstWindow: () => app.firstWindow(),
        close: () => app.close(),
      };
    });
  },
);
