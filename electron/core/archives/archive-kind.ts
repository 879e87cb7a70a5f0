import { open } from 'node:fs/promises';

export type ArchiveKind = 'zip' | 'tar';

/** By name: zip, tar, tar.gz or tgz; null for any other file. */
export function archiveKindByName(path: string): ArchiveKind | null {
  if (/\.zip$/i.test(path)) return 'zip';
  return /\.(tar|tar\.gz|tgz)$/i.test(path) ? 'tar' : null;
}

/** True when the file's first bytes are those of its kind: an archive by name may be anything. */
export async function looksLikeArchive(path: string, kind: ArchiveKind): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(512);
    const { bytesRead } = await file.read(bytes, 0, 512, 0);
    const ascii = (at: number, length: number): string => String.fromCharCode(...bytes.subarray(at, at + length));
    if (kind === 'zip') return ascii(0, 2) === 'PK' && bytesRead >= 22;
    return (
      (bytes[0] === 0x1f && bytes[1] === 0x8b) ||
      (bytesRead === 512 && ascii(257, 5) === 'ustar') ||
      (bytesRead === 512 && isOldTar(bytes))
    );
  } finally {
    await file.close();
  }
}

/** Archives from before ustar have no magic word; their header checksum tells. */
function isOldTar(header: Uint8Array): boolean {
  const stored = Number.parseInt(
    String.fromCharCode(...header.subarray(148, 156))
      .replace(/[^0-7].*$/s, '')
      .trim() || 'x',
    8,
  );
  let sum = 0;
  header.forEach((byte, i) => (sum += i >= 148 && i < 156 ? 32 : byte));
  return stored === sum;
}
