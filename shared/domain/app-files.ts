const MIME_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  webmanifest: 'application/manifest+json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  woff: 'font/woff',
  wasm: 'application/wasm',
};

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
}

/** The content type of a built file; unknown ones are bytes that no browser runs. */
export function mimeType(path: string): string {
  return MIME_TYPES[extension(path)] ?? 'application/octet-stream';
}

/** Names under `assets/` hold a hash of their content; the rest may change with every build. */
export function cacheControl(path: string): string {
  return path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-store';
}

/**
 * Which built file a URL path asks for, relative to the built folder and `/`-separated: `/assets/a.js` → `assets/a.js`;
 * an app route (last part without a dot), as `/jobs/7` → `index.html`. Null for anything that tries to leave the folder
 * or is not a path. `urlPath` is as sent: encoded, without query.
 */
export function appFile(urlPath: string): string | null {
  if (!urlPath.startsWith('/')) return null;
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  // Backslashes and colons are separators on Windows; control characters are no names at all.
  if ([...path].some((char) => char < ' ' || char === '\\' || char === ':')) return null;
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.some((part) => part.startsWith('.'))) return null;
  return extension(path) === '' && parts[0] !== 'assets' ? 'index.html' : parts.join('/');
}
