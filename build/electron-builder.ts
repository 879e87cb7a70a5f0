import type { Configuration } from 'electron-builder';

/**
 * Packages the built app: `npx electron-builder --config build/electron-builder.ts`, after a build.
 * `SLIPWAY_PACKAGE_FOR_TESTS=1` leaves the inspector on, which Playwright needs; such a package is not for release.
 */
const forTests = process.env['SLIPWAY_PACKAGE_FOR_TESTS'] === '1';

const config: Configuration = {
  // The systems know the app by this id (electron/main/app-id.ts): never change it.
  appId: 'dev.slipway.desktop',
  productName: 'Slipway',
  directories: { output: 'release', buildResources: 'build/installer' },
  // An allow-list: what is not named does not ship. Everything but better-sqlite3 is inside the bundles.
  files: [
    'package.json',
    'dist/**/*',
    '!dist/**/*.map',
    '!dist/.built-from',
    'examples/**/*',
    'node_modules/better-sqlite3/package.json',
    'node_modules/better-sqlite3/lib/**/*',
    'node_modules/better-sqlite3/prebuilds/${platform}-${arch}/**/*',
  ],
  asar: true,
  // Examples are copied into job folders and read by programs that know nothing of asar.
  asarUnpack: ['examples/**/*'],
  // better-sqlite3 is a Node-API module: one binary for Node and Electron.
  npmRebuild: false,
  electronLanguages: ['en-US'],
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: forTests,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: { target: ['AppImage', 'deb'], category: 'Science', executableName: 'slipway' },
  mac: { target: ['dmg'], category: 'public.app-category.developer-tools', hardenedRuntime: true },
  win: { target: ['nsis'] },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
};

export default config;
