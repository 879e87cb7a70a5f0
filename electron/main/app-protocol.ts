import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Protocol } from 'electron';
import { cacheControl, mimeType } from '../../shared/domain/app-files.ts';
import {
  NONCE_PLACEHOLDER,
  SECURITY_HEADERS,
  contentSecurityPolicy,
} from '../../shared/domain/content-security-policy.ts';
import { APP_SCHEME } from './policy/app-url.ts';
import { resolveAppPath } from './policy/resolve-app-path.ts';

/** Makes `app://` a scheme like https: own origin, secure, fetch. Once, before the app is ready. */
export function registerAppScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges }]);
}

function notFound(): Response {
  const headers = {
    ...SECURITY_HEADERS,
    'content-security-policy': contentSecurityPolicy(null),
    'content-type': 'text/plain; charset=utf-8',
  };
  return new Response('There is no such file in the app.\n', { status: 404, headers });
}

/** Answers from the folder of the built app. Pages get a new nonce for styles and the policy that names it. */
export async function answerAppRequest(url: string, root: string): Promise<Response> {
  const file = resolveAppPath(url, root);
  const content = file === null ? null : await readFile(file.path).catch(() => null);
  if (file === null || content === null) return notFound();
  const isPage = file.name.endsWith('.html');
  const nonce = isPage ? randomBytes(18).toString('base64') : null;
  const body = nonce === null ? new Uint8Array(content) : content.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce);
  const headers = {
    ...SECURITY_HEADERS,
    'content-security-policy': contentSecurityPolicy(nonce),
    'content-type': mimeType(file.name),
    'cache-control': cacheControl(file.name),
  };
  return new Response(body, { headers });
}

/** Serves the built app under `app://`. After the app is ready. */
export function serveAppScheme(protocol: Pick<Protocol, 'handle'>, root: string): void {
  protocol.handle(APP_SCHEME, (request) => answerAppRequest(request.url, root));
}
