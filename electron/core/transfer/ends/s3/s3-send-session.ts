import { randomUUID } from 'node:crypto';
import { z } from '../../../../../shared/zod.ts';
import { etagOfParts } from '../../../s3/md5.ts';
import type { OpenBucket } from '../../../s3/open-bucket.ts';
import { isS3Error } from '../../../s3/s3-error.ts';
import type { ListedPart } from '../../../s3/s3-uploads.ts';
import { Limiter } from '../../sftp/limiter.ts';
import type { FileOutcome, OutgoingFile, PieceReceipt, PieceTicket, Publication, SendSession } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { AT_ONCE, outcomeOfEach } from './each-object.ts';
import { hashInSteps } from './hash-in-steps.ts';
import { below, keyProblem } from './key-path.ts';
import { corrupt, mustReadBack, proveObject, requireEtag, SHA256_NOTE } from './object-proof.ts';
import { inEndWords } from './s3-problem.ts';

/** Bytes of small files that are in memory at once. */
const BUNDLE_MEMORY = 64 * 2 ** 20;

/** The note beside an object that says which upload made it. */
const UPLOAD_NOTE = 'slipway-upload';

const ticketShape = z.object({ uploadId: z.string(), mark: z.string() });
const receiptShape = z.object({ etag: z.string(), md5: z.string() });

type Piece = { readonly index: number; readonly offset: number; readonly length: number };

/**
 * Sends into a bucket. There an object appears at once, whole, and only when all its bytes have proven right; so nothing has to lie aside, and what is published
 * is proven once more. A file in pieces stays unseen until its last piece is there.
 */
export class S3SendSession implements SendSession {
  readonly needsFolders = false;
  readonly #bucket: OpenBucket;
  readonly #root: string;
  readonly #transfer: string;
  readonly #memory = new Limiter(AT_ONCE, BUNDLE_MEMORY);
  /** SHA-256 of objects that this session has put and proven. */
  readonly #proven = new Map<string, string>();
  /** Objects that this session has put together and proven by the MD5 of every piece, with the SHA-256 that is noted beside them. */
  readonly #assembled = new Map<string, string | null>();
  /** Parts that the store had already when an upload was taken up again, by upload id. */
  readonly #known = new Map<string, Map<number, ListedPart>>();

  constructor(bucket: OpenBucket, { root, transfer }: { readonly root: string; readonly transfer: string }) {
    this.#bucket = bucket;
    this.#root = root;
    this.#transfer = transfer;
  }

  sendBundle(
    files: readonly OutgoingFile[],
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<FileOutcome[]> {
    return outcomeOfEach(files, signal, (file, either) =>
      this.#memory.run(async () => {
        const key = this.#keyOf(file.path);
        const bytes = await file.read(0, file.size);
        const { md5, sha256 } = await hashInSteps(bytes, { sha256: true });
        const metadata = { [SHA256_NOTE]: sha256! };
        const etag = await this.#bucket.s3.put(key, bytes, { metadata, md5 }, either);
        requireEtag(this.#bucket, key, etag, md5.toString('hex'));
        if (!mustReadBack(this.#bucket)) this.#proven.set(key, sha256!);
        onBytes(bytes.length);
      }, file.size),
    );
  }

  beginPieces(file: OutgoingFile, earlier: PieceTicket | null, signal: AbortSignal): Promise<PieceTicket | null> {
    return inEndWords(signal, async () => {
      const key = this.#keyOf(file.path);
      if (earlier !== null) return (await this.#takeUp(key, file, earlier, signal)) ? earlier : null;
      const mark = randomUUID();
      const sha256 = await file.sha256?.();
      const metadata = { [UPLOAD_NOTE]: mark, ...(sha256 === undefined ? {} : { [SHA256_NOTE]: sha256 }) };
      const uploadId = await this.#bucket.journal.begin(key, this.#transfer, metadata, signal);
      return JSON.stringify({ uploadId, mark });
    });
  }

  sendPiece(
    file: OutgoingFile,
    ticket: PieceTicket,
    piece: Piece,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<PieceReceipt> {
    return inEndWords(signal, async () => {
      const key = this.#keyOf(file.path);
      const { uploadId } = ticketShape.parse(JSON.parse(ticket));
      const number = piece.index + 1;
      const bytes = await file.read(piece.offset, piece.length);
      const { md5 } = await hashInSteps(bytes, { sha256: false });
      const hex = md5.toString('hex');
      const known = this.#known.get(uploadId)?.get(number);
      const isThere = known?.size === bytes.length && known.etag === hex;
      const etag = isThere
        ? known.etag
        : await this.#bucket.s3.uploads.putPart({ key, uploadId, number, md5 }, bytes, signal);
      requireEtag(this.#bucket, key, etag, hex);
      onBytes(bytes.length);
      return JSON.stringify({ etag, md5: hex });
    });
  }

  /** Makes the object appear. What does not prove right is taken away again. */
  endPieces(
    file: OutgoingFile,
    ticket: PieceTicket,
    receipts: readonly PieceReceipt[],
    signal: AbortSignal,
  ): Promise<void> {
    return inEndWords(signal, async () => {
      const { s3, journal, capabilities } = this.#bucket;
      const key = this.#keyOf(file.path);
      const { uploadId, mark } = ticketShape.parse(JSON.parse(ticket));
      const parts = receipts.map((receipt) => receiptShape.parse(JSON.parse(receipt)));
      const listed = parts.map(({ etag }, index) => ({ number: index + 1, size: 0, etag }));
      await s3.uploads.complete(key, uploadId, listed, signal).catch((error: unknown) => {
        // Perhaps it was completed, and we have not heard the answer. The look below tells.
        if (!isS3Error(error, 'no-upload')) throw error;
      });
      journal.ended(key, this.#transfer);
      const head = await s3.head(key, signal);
      if (head?.metadata[UPLOAD_NOTE] !== mark)
        throw new EndError({ kind: 'transient', message: `The upload of ${key} is gone from the store.`, hint: null });
      const etag = etagOfParts(parts.map(({ md5 }) => Buffer.from(md5, 'hex')));
      const isRight = head.size === file.size && (!capabilities.etagIsMd5 || head.etag.toLowerCase() === etag);
      if (!isRight) {
        await s3.remove(key, signal).catch(() => undefined);
        throw corrupt(key, 'the store has put its pieces together to something else');
      }
      if (capabilities.etagIsMd5 || capabilities.refusesWrongMd5)
        this.#assembled.set(key, head.metadata[SHA256_NOTE] ?? null);
    });
  }

  makeFolders(paths: readonly { readonly path: string }[]): Promise<FileOutcome[]> {
    // Folders are there as long as something is in them.
    return Promise.resolve(paths.map(({ path }) => ({ path, problem: null })));
  }

  makeLinks(links: readonly { readonly path: string }[]): Promise<FileOutcome[]> {
    const message = 'A bucket keeps no links.';
    return Promise.resolve(links.map(({ path }) => ({ path, problem: { kind: 'other', message, hint: null } })));
  }

  publish(files: readonly Publication[], signal: AbortSignal): Promise<FileOutcome[]> {
    return outcomeOfEach(files, signal, async ({ path, size, sha256 }, either) => {
      const key = this.#keyOf(path);
      if (this.#proven.get(key) === sha256) return;
      const noted = this.#assembled.get(key);
      if (noted === null || noted === sha256) return;
      await proveObject(this.#bucket, { key, size, sha256 }, { readBack: mustReadBack(this.#bucket) }, either);
    });
  }

  discard(signal: AbortSignal): Promise<void> {
    return inEndWords(signal, () => this.#bucket.journal.abortAll(this.#transfer, signal));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Whether an upload of an earlier session can go on. */
  async #takeUp(key: string, file: OutgoingFile, earlier: PieceTicket, signal: AbortSignal): Promise<boolean> {
    if (!this.#bucket.capabilities.listsParts) return false;
    const { uploadId, mark } = ticketShape.parse(JSON.parse(earlier));
    try {
      const parts = await this.#bucket.s3.uploads.listParts(key, uploadId, signal);
      this.#known.set(uploadId, new Map(parts.map((part) => [part.number, part])));
      return true;
    } catch (error) {
      if (!isS3Error(error, 'no-upload')) throw error;
    }
    // Completed just before we were cut off?
    const head = await this.#bucket.s3.head(key, signal);
    return head?.metadata[UPLOAD_NOTE] === mark && head.size === file.size;
  }

  /** @throws EndError `name` */
  #keyOf(path: string): string {
    const key = below(this.#root, path);
    const problem = keyProblem(key);
    if (problem !== null) throw new EndError(problem);
    return key;
  }
}
