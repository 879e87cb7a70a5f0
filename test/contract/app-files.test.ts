import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appFile, cacheControl, mimeType } from '../../shared/domain/app-files.ts';
import { contentSecurityPolicy } from '../../shared/domain/content-security-policy.ts';

describe('app files', () => {
  it.each([
    ['/', 'index.html'],
    ['/index.html', 'index.html'],
    ['/jobs/7', 'index.html'],
    ['/jobs/7/', 'index.html'],
    ['/assets/app-1.js', 'assets/app-1.js'],
    ['//assets//app-1.js', 'assets/app-1.js'],
    ['/a%20b.svg', 'a b.svg'],
    ['/assets/nodot', 'assets/nodot'],
    ['secret.txt', null],
    ['', null],
    ['/../x.js', null],
    ['/%2e%2e/x.js', null],
    ['/.git/config', null],
    ['/x%00.js', null],
    ['/x%5c..%5cy.js', null],
    ['/c:/x.js', null],
    ['/%zz', null],
  ])('%s asks for %s', (path, file) => {
    expect(appFile(path)).toBe(file);
  });

  it('never names a place outside', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '\\', 'a', 'a.js', '', 'C:', '%00'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const file = appFile(`/${parts.join('/')}`);
        if (file === null) return;
        expect(file).not.toMatch(/^\/|\\|\0|:/);
        for (const step of file.split('/')) expect(step).not.toMatch(/^(\.|$)/);
      }),
    );
  });

  it('knows types and what may be kept', () => {
    expect(mimeType('assets/a.JS')).toBe('text/javascript; charset=utf-8');
    expect(mimeType('a.weird')).toBe('application/octet-stream');
    expect(cacheControl('assets/a-1.js')).toContain('immutable');
    expect(cacheControl('index.html')).toBe('no-store');
  });
});

describe('content security policy', () => {
  it('allows nothing inline but styles with the nonce', () => {
    const policy = contentSecurityPolicy('abc', ['ws://127.0.0.1:1']);
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-abc'; img-src 'self' data: blob:; font-src 'self'; " +
        "worker-src 'self'; connect-src 'self' ws://127.0.0.1:1; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    );
    expect(contentSecurityPolicy(null)).toContain("style-src 'self';");
  });
});
