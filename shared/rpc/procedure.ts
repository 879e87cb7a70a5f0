import type { z } from '../zod.ts';

type Schema = z.ZodType;

/** Safe to repeat: input → output. */
export interface Query<I extends Schema = Schema, O extends Schema = Schema> {
  readonly kind: 'query';
  readonly input: I;
  readonly output: O;
}

/** Has effects: input → output. Inputs that create something carry a client-made `requestId`, so that a repeat is harmless. */
export interface Command<I extends Schema = Schema, O extends Schema = Schema> {
  readonly kind: 'command';
  readonly input: I;
  readonly output: O;
}

/** A live view: first item a snapshot with a revision, then deltas. Ends when the subscriber leaves. */
export interface Stream<I extends Schema = Schema, T extends Schema = Schema> {
  readonly kind: 'stream';
  readonly input: I;
  readonly item: T;
}

/** A sequence of byte chunks under a credit window (logs, exports, previews). */
export interface Bytes<I extends Schema = Schema> {
  readonly kind: 'bytes';
  readonly input: I;
}

export type Procedure = Query | Command | Stream | Bytes;

/** Two levels: area → procedure. The wire name is `area.procedure`. */
export type Contract = { readonly [area: string]: { readonly [name: string]: Procedure } };

export function query<I extends Schema, O extends Schema>(input: I, output: O): Query<I, O> {
  return { kind: 'query', input, output };
}

export function command<I extends Schema, O extends Schema>(input: I, output: O): Command<I, O> {
  return { kind: 'command', input, output };
}

export function stream<I extends Schema, T extends Schema>(input: I, item: T): Stream<I, T> {
  return { kind: 'stream', input, item };
}

export function bytes<I extends Schema>(input: I): Bytes<I> {
  return { kind: 'bytes', input };
}

export interface CallOptions {
  /** Aborting it ends the call at once with `cancelled` and aborts the handler's signal. */
  readonly signal?: AbortSignal;
  /** Queries and commands: without an answer by then the call ends with `disconnected`. Without it there is no limit. */
  readonly deadlineMs?: number;
}

type In<S extends Schema> = z.input<S>;
type Out<S extends Schema> = z.output<S>;

type ClientMethod<P> =
  P extends Stream<infer I, infer T>
    ? (input: In<I>, options?: CallOptions) => AsyncIterable<Out<T>>
    : P extends Bytes<infer I>
      ? (input: In<I>, options?: CallOptions) => AsyncIterable<Uint8Array>
      : P extends Query<infer I, infer O> | Command<infer I, infer O>
        ? (input: In<I>, options?: CallOptions) => Promise<Out<O>>
        : never;

/** What a caller sees: `client.jobs.list({...})`. Streams and bytes are async iterables; leaving the loop unsubscribes. */
export type Client<C extends Contract> = {
  readonly [A in keyof C]: { readonly [N in keyof C[A]]: ClientMethod<C[A][N]> };
};

type Handler<P> =
  P extends Stream<infer I, infer T>
    ? (input: Out<I>, context: { readonly signal: AbortSignal }) => AsyncIterable<In<T>>
    : P extends Bytes<infer I>
      ? (input: Out<I>, context: { readonly signal: AbortSignal }) => AsyncIterable<Uint8Array>
      : P extends Query<infer I, infer O> | Command<infer I, infer O>
        ? (input: Out<I>, context: { readonly signal: AbortSignal }) => In<O> | Promise<In<O>>
        : never;

/** What the serving side provides: one handler per procedure; inputs arrive parsed. */
export type Handlers<C extends Contract> = {
  readonly [A in keyof C]: { readonly [N in keyof C[A]]: Handler<C[A][N]> };
};
