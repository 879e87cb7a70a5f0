import { join } from 'node:path';
import { app, dialog } from 'electron';
import { isAppError } from '../../shared/errors.ts';
import { openProfileFolder, profileHome } from '../core/profile/profile-folder.ts';
import { launchArguments } from '../main/policy/launch-arguments.ts';
import { startApp } from '../main/start-app.ts';
import { VERSION } from './app-info.ts';

const launch = launchArguments(process.argv, app.isPackaged);
const dist = import.meta.dirname;
try {
  startApp({
    home: openProfileFolder(profileHome(launch.home, process.env, process.cwd())).home,
    version: VERSION,
    launch,
    core: join(dist, 'core.js'),
    preload: join(dist, 'preload.cjs'),
    renderer: join(dist, 'renderer'),
  });
} catch (error) {
  if (!isAppError(error)) throw error;
  dialog.showErrorBox('Slipway cannot start', error.message);
  app.exit(2);
}
