/**
 * The Content-Security-Policy of every page that Slipway serves: only its own built files, nothing inline, no frames, no
 * plugins. Mantine and CodeMirror insert `<style>` elements; those carry `nonce`, which is new for every response and which
 * the page finds in `<meta name="csp-nonce" content="…">` (Mantine: `getStyleNonce`, CodeMirror: `EditorView.cspNonce`).
 * Styles set from code (`element.style`, React's `style`) are not covered by a CSP and need nothing.
 *
 * @param nonce base64 characters only; null for answers that are no page
 * @param connect origins besides our own that the page may talk to, as `ws://127.0.0.1:4711`
 */
export function contentSecurityPolicy(nonce: string | null, connect: readonly string[] = []): string {
  const styles = nonce === null ? "'self'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "worker-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

/** What index.html holds where the nonce goes. */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/** The other headers that keep a page to itself; the same for Electron's `app://` and the loopback server. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
