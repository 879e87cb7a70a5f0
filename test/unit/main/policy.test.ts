import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startUrl, isAppUrl } from '../../../electron/main/policy/app-url.ts';
import { decideRestart } from '../../../electron/main/policy/decide-restart.ts';
import { isAllowedPermission } from '../../../electron/main/policy/is-allowed-permission.ts';
import { isSafeExternalUrl } from '../../../electron/main/policy/is-safe-external-url.ts';
import { isTrustedFrame } from '../../../electron/main/policy/is-trusted-frame.ts';
import { judgeKeyring } from '../../../electron/main/policy/judge-keyring.ts';
import { launchArguments, readSecondInstance } from '../../../electron/main/policy/launch-arguments.ts';
import { resolveAppPath } from '../../../electron/main/policy/resolve-app-path.ts';

describe('whose messages are heard', () => {
  it('trusts the top frame of the app’s origin only', () => {
    expect(isTrustedFrame({ origin: 'app://slipway', parent: null })).toBe(true);
    expect(isTrustedFrame({ origin: 'app://slipway', parent: {} })).toBe(false);
    for (const origin of ['app://slipway.evil', 'app://other', 'https://slipway', 'null', '', 'file://']) {
      expect(isTrustedFrame({ origin, parent: null })).toBe(false);
    }
    expect(isTrustedFrame(null)).toBe(false);
  });
});

describe('which URLs are the app’s', () => {
  it('knows its own', () => {
    expect(['app://slipway/', 'app://slipway/jobs/new?a=1#b', 'APP://slipway/x'].map(isAppUrl)).toEqual([
      true,
      true,
      true,
    ]);
    const others = [
      'https://slipway/',
      'app://slipway:8/',
      'app://slipway.example/',
      'app:slipway',
      'x',
      '',
      'app://u@evil/',
    ];
    expect(others.filter(isAppUrl)).toEqual([]);
  });

  it('starts with New job for a folder, whatever it is called', () => {
    expect(startUrl(null)).toBe('app://slipway/');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (folder) => {
        const url = new URL(startUrl(folder));
        return url.pathname === '/jobs/new' && url.searchParams.get('folder') === folder;
      }),
    );
  });
});

describe('which links leave for the system’s browser', () => {
  it('lets https go', () => {
    expect(isSafeExternalUrl('https://example.com/a?b#c')).toBe(true);
    expect(isSafeExternalUrl('https://example.com:8443/')).toBe(true);
  });

  it('keeps everything else', () => {
    const others = [
      'http://example.com/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'ms-msdt:/id',
      'smb://host/share',
      'https://user:secret@example.com/',
      'https://user@example.com/',
      'https://',
      'example.com',
      '',
      `https://example.com/${'a'.repeat(2000)}`,
    ];
    expect(others.filter(isSafeExternalUrl)).toEqual([]);
  });
});

describe('what the page may do', () => {
  it('may write text to the clipboard, and only the app’s own page may', () => {
    expect(isAllowedPermission('clipboard-sanitized-write', 'app://slipway/')).toBe(true);
    expect(isAllowedPermission('clipboard-sanitized-write', 'https://example.com/')).toBe(false);
    expect(isAllowedPermission('clipboard-read', 'app://slipway/')).toBe(false);
    expect(isAllowedPermission('media', 'app://slipway/')).toBe(false);
  });
});

describe('which file an app URL asks for', () => {
  const root = '/app/dist/renderer';

  it('finds files and gives app routes the page', () => {
    expect(resolveAppPath('app://slipway/assets/a.js?v=1', root)).toEqual({
      path: `${root}/assets/a.js`,
      name: 'assets/a.js',
    });
    for (const url of ['app://slipway/', 'app://slipway/jobs', 'app://slipway/jobs/new?folder=%2Fx']) {
      expect(resolveAppPath(url, root)?.name).toBe('index.html');
    }
  });

  it('refuses other origins and ways out', () => {
    const outside = [
      'app://other/index.html',
      'https://slipway/index.html',
      'app://slipway/..%2fmain.js',
      'app://slipway/assets/..%2f..%2f..%2fpackage.json',
      'app://slipway/..%5cmain.js',
      'app://slipway/c:%5cx.js',
      'app://slipway/.built-from',
      'app://slipway/a%00.js',
      'app://slipway/%zz.js',
    ];
    expect(outside.filter((url) => resolveAppPath(url, root) !== null)).toEqual([]);
  });

  it('never leaves the folder, whatever is asked', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '/', '\\', 'a.js', 'assets', '%00', ':', '~', '//'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const found = resolveAppPath(`app://slipway/${pieces.join('/')}`, root);
        return found === null || (found.path.startsWith(`${root}/`) && !found.path.split('/').includes('..'));
      }),
    );
  });
});

describe('when a crashed process is started again', () => {
  it('waits longer each time within a minute, then asks', () => {
    const crashes: number[] = [];
    const decisions = [];
    for (let now = 1000; crashes.length < 6; now += 1000) {
      crashes.push(now);
      decisions.push(decideRestart(crashes, now));
    }
    expect(decisions).toEqual([
      { kind: 'restart', delayMs: 100 },
      { kind: 'restart', delayMs: 200 },
      { kind: 'restart', delayMs: 400 },
      { kind: 'restart', delayMs: 800 },
      { kind: 'restart', delayMs: 1600 },
      { kind: 'give-up', crashes: 6 },
    ]);
  });

  it('forgets what is more than a minute ago', () => {
    expect(decideRestart([0, 1, 2, 3, 4, 5, 100_000], 100_000)).toEqual({ kind: 'restart', delayMs: 100 });
  });
});

describe('what a start asks for', () => {
  it('reads the profile folder and the job folder, packaged or not', () => {
    expect(launchArguments(['/opt/slipway'], true)).toEqual({ home: undefined, folder: null });
    expect(launchArguments(['/opt/slipway', 'study', '--home', '/p'], true)).toEqual({ home: '/p', folder: 'study' });
    expect(launchArguments(['electron', '/clone', '--home=/p'], false)).toEqual({ home: '/p', folder: null });
    expect(launchArguments(['electron', '/clone', 'study'], false)).toEqual({ home: undefined, folder: 'study' });
  });

  it('passes Chromium’s switches over', () => {
    const argv = ['electron', '--inspect=0', '--no-sandbox', '/clone', '--remote-debugging-port=0', 'study'];
    expect(launchArguments(argv, false).folder).toBe('study');
  });

  it('takes nothing from a second start that it does not understand', () => {
    expect(readSecondInstance({ folder: '/study' })).toEqual({ folder: '/study' });
    for (const data of [null, undefined, 'x', {}, { folder: 7 }, { folder: 'a'.repeat(5000) }]) {
      expect(readSecondInstance(data)).toEqual({ folder: null });
    }
  });
});

describe('which keyrings are trusted', () => {
  it('takes none on Linux that would only scramble, nor one that says nothing', () => {
    for (const backend of ['basic_text', 'unknown', '', null, 'something_new'])
      expect(judgeKeyring('linux', true, backend)).toMatchObject({ usable: false, reason: expect.any(String) });
    for (const backend of ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6']) {
      expect(judgeKeyring('linux', true, backend)).toMatchObject({ usable: true, reason: null });
      expect(judgeKeyring('linux', false, backend).usable).toBe(false);
    }
  });

  it('takes those of macOS and Windows when the system says that they are there', () => {
    for (const platform of ['darwin', 'win32'] as const) {
      expect(judgeKeyring(platform, true, null).usable).toBe(true);
      expect(judgeKeyring(platform, false, null)).toMatchObject({ usable: false, reason: expect.any(String) });
    }
  });
});
