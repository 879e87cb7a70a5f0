import { existsSync } from 'node:fs';
import { join } from 'node:path';
export function findProgram(name: string, path: string): string | null {
  if (name.includes('/')) return existsSync(name) ? name : null;
  for (const f of path.split(':')) if (existsSync(join(f, name))) return join(f, name);
  return null;
}
