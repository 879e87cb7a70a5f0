import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** 256 random bits, as 43 characters that are safe in a URL fragment. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in a time that tells nothing about the right token. */
export function createTokenCheck(right: string): (token: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return (token) => timingSafeEqual(digest(token), digest(right));
}

/** Writes the token where only this user can read it; the file appears whole. */
export async function writeTokenFile(path: string, token: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  await rm(part, { force: true });
  await writeFile(part, token, { mode: 0o600, flag: 'wx' });
  await rename(part, path);
}

/** The token of the running core. Rejects when there is no file. */
export async function readTokenFile(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}
