import type { DroppedFile } from './dropped-files.ts';

/** How far an upload is. */
export interface UploadProgress {
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  /** The file that is being sent. */
  readonly current: string;
}

/** A part of a file on its way to the core. */
export interface UploadPiece {
  readonly path: string;
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly last: boolean;
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: UploadProgress) => void;
}

/** Bytes of one call: big enough to be quick, small enough to be cancelled within a moment. */
export const UPLOAD_CHUNK = 512 * 1024;

/** Sends files piece by piece, one after another; `put` takes a piece. Rejects with the signal's reason when it is aborted. */
export async function uploadFiles(
  put: (piece: UploadPiece, options: { readonly signal?: AbortSignal | undefined }) => Promise<unknown>,
  files: readonly DroppedFile[],
  options: UploadOptions = {},
): Promise<void> {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  let bytesDone = 0;
  for (const [filesDone, { path, file }] of files.entries()) {
    let offset = 0;
    do {
      options.signal?.throwIfAborted();
      const chunk = new Uint8Array(await file.slice(offset, offset + UPLOAD_CHUNK).arrayBuffer());
      const last = offset + chunk.length >= file.size;
      await put({ path, offset, bytes: chunk, last }, { signal: options.signal });
      if (chunk.length === 0 && !last)
        throw new Error(`${path} became shorter while it was being read. Drop it again.`);
      offset += chunk.length;
      bytesDone += chunk.length;
      options.onProgress?.({ files: files.length, filesDone, bytes, bytesDone, current: path });
    } while (offset < file.size);
  }
}
