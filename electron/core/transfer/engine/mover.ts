import type { TransferFile } from '../../storage/transfer-file-store.ts';
import type { EndProblem, EndTraits, FileOutcome, PieceReceipt, PieceTicket } from '../ends/far-end.ts';
import type { FileHashes } from '../local/hash-file.ts';

/** What became of a file that was moved. */
export interface Arrival {
  readonly file: TransferFile;
  /** Null = it is at the target, whole, aside. */
  readonly problem: EndProblem | null;
  /** Hashes of what travelled. */
  readonly hashes: FileHashes | null;
}

export interface Piece {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/** A large file on its way. */
export interface PiecesOnTheWay {
  readonly ticket: PieceTicket;
  /** What makes the same ciphertext again, for the journal; null = it is not encrypted. */
  readonly envelope: string | null;
  /** An earlier ticket was taken up: its pieces are still there. */
  readonly isContinued: boolean;
  movePiece(piece: Piece, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<PieceReceipt>;
  /** All pieces are there: puts them together, still aside. @throws EndError `changed` */
  finish(receipts: readonly PieceReceipt[], signal: AbortSignal): Promise<FileHashes>;
  close(): Promise<void>;
}

/**
 * Moves files between this workstation and the far end, in one of the two directions. It knows nothing of the journal; everything may be done again after a
 * failure, also by a later mover of the same transfer.
 */
export interface Mover {
  readonly traits: EndTraits;
  /** What has arrived lies in the folder that it is for until it is published, so that folders come first; else they may be made meanwhile. */
  readonly needsFolders: boolean;
  makeFolders(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]>;
  /** Of files that have to get there, those whose contents the target has already, and has laid aside. */
  takeKnown(files: readonly TransferFile[], signal: AbortSignal): Promise<Arrival[]>;
  makeLinks(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]>;
  /** Small files in one go. All of one source root. */
  moveBundle(files: readonly TransferFile[], signal: AbortSignal, onBytes: (bytes: number) => void): Promise<Arrival[]>;
  beginPieces(file: TransferFile, signal: AbortSignal): Promise<PiecesOnTheWay>;
  /** Proves files that have arrived and gives them their names. All of one source root. `onProven`: see `SendSession.publish`. */
  publish(files: readonly TransferFile[], signal: AbortSignal, onProven: () => void): Promise<FileOutcome[]>;
  /** Moves what is at the target to the trash there. */
  trash(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]>;
  /** The file at the source as it is now; null when it is gone. */
  look(
    file: TransferFile,
    signal: AbortSignal,
  ): Promise<Pick<TransferFile, 'size' | 'modifiedAt' | 'mode' | 'mark'> | null>;
  /** All is published: removes what is left of its own at the target. */
  tidy(signal: AbortSignal): Promise<void>;
  /** Removes what lies aside of these files, and everything else that this transfer has laid aside. */
  discard(files: Iterable<readonly TransferFile[]>, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
