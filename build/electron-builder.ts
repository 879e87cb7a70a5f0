import type { Configuration } from 'electron-builder';

/**
 * Packages the built app: `npx electron-builder --config build/electron-builder.ts`, after a build.
 * `SLIPWAY_PACKAGE_FOR_TESTS=1` leaves the inspector on, which Playwright needs; such a package is not for release.
 */
const forTests = process.env['SLIPWAY_PACKAGE_FOR_TESTS'] === '1';

/**
 * An allow-list: what is not named does not ship. Of node_modules electron-builder takes the production dependencies, which
 * is better-sqlite3 alone (everything else is inside the bundles), and of its eight binaries the one of the package. The
 * list stands whole under each system: beside a system's own list that only excludes, electron-builder takes every file.
 */
function shippedFiles(platform: 'linux' | 'darwin' | 'win32'): string[] {
  return [
    'package.json',
    'dist/**/*',
    '!dist/**/*.map',
    'examples/**/*',
    '!node_modules/better-sqlite3/{deps,src}/**',
    '!node_modules/better-sqlite3/binding.gyp',
    `!node_modules/better-sqlite3/prebuilds/!(${platform}-\${arch}).node`,
    '!node_modules/node-addon-api/**',
  ];
}

const config: Configuration = {
  // The systems know the app by this id (electron/main/app-id.ts): never change it.
  appId: 'dev.slipway.desktop',
  productName: 'Slipway',
  directories: { output: 'release', buildResources: 'build/icons' },
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
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    files: shippedFiles('linux'),
    target: ['AppImage', 'deb'],
    category: 'Science',
    executableName: 'slipway',
  },
  mac: {
    files: shippedFiles('darwin'),
    target: ['dmg'],
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
  },
  win: { files: shippedFiles('win32'), target: ['nsis'] },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
};

export default config;
