import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { appFile, cacheControl, mimeType } from '../../shared/domain/app-files.ts';
import {
  NONCE_PLACEHOLDER,
  SECURITY_HEADERS,
  contentSecurityPolicy,
} from '../../shared/domain/content-security-policy.ts';

export interface StaticAnswer {
  readonly status: 200 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Headers of every answer that is not a page. */
export function plainHeaders(): Record<string, string> {
  return { ...SECURITY_HEADERS, 'content-security-policy': contentSecurityPolicy(null), 'cache-control': 'no-store' };
}

/** The file's content, if it lies in the folder also after following links. */
async function readInside(root: string, file: string): Promise<Buffer | null> {
  try {
    const [folder, path] = await Promise.all([realpath(root), realpath(join(root, file))]);
    const inside = relative(folder, path);
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return null;
    return await readFile(path);
  } catch {
    return null;
  }
}

/**
 * Answers for a URL path from the folder of the built app: a file, index.html for an app route, else 404.
 * Pages get a new nonce and a policy that lets them talk to `connect`.
 */
export async function answerFromFolder(
  root: string,
  urlPath: string,
  connect: readonly string[],
): Promise<StaticAnswer> {
  const file = appFile(urlPath);
  const content = file === null ? null : await readInside(root, file);
  if (file === null || content === null) {
    const headers = { ...plainHeaders(), 'content-type': 'text/plain; charset=utf-8' };
    return { status: 404, headers, body: Buffer.from('There is no such file in the app.\n') };
  }
  const headers = { ...plainHeaders(), 'content-type': mimeType(file), 'cache-control': cacheControl(file) };
  if (!file.endsWith('.html')) return { status: 200, headers, body: content };
  const nonce = randomBytes(18).toString('base64');
  const body = Buffer.from(content.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce));
  return {
    status: 200,
    headers: { ...headers, 'content-security-policy': contentSecurityPolicy(nonce, connect) },
    body,
  };
}
