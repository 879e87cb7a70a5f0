import { ERROR_CODES } from '../errors.ts';
import { z } from '../zod.ts';

/** Chosen by the caller, unique among its open calls and streams; answers carry the same number. */
const id = z.number().int().min(1);
/** `area.procedure` */
const name = z.string().min(1).max(200);
/** What the subscriber can take: items for `stream`, bytes for `bytes`. */
const credit = z.number().int().min(1).max(1_000_000_000);

/** A newer core may know codes that we do not: they become `internal`, the message stays. */
const error = z.strictObject({
  code: z.enum(ERROR_CODES).catch('internal'),
  message: z.string(),
  details: z.unknown(),
  retryable: z.boolean(),
  ref: z.string().nullable(),
});

const request = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('call'), id, name, input: z.unknown() }),
  z.strictObject({ kind: z.literal('cancel'), id }),
  z.strictObject({ kind: z.literal('subscribe'), id, name, input: z.unknown(), credit }),
  z.strictObject({ kind: z.literal('unsubscribe'), id }),
  z.strictObject({ kind: z.literal('ack'), id, credit }),
]);

const reply = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok'), id, value: z.unknown() }),
  z.strictObject({ kind: z.literal('fail'), id, error }),
  z.strictObject({ kind: z.literal('item'), id, value: z.unknown() }),
  z.strictObject({ kind: z.literal('end'), id }),
]);

/** Frames of the side that calls. */
export type Request = z.infer<typeof request>;
/** Frames of the side that serves. */
export type Reply = z.infer<typeof reply>;

export type ParsedFrame =
  | { readonly kind: 'request'; readonly frame: Request }
  | { readonly kind: 'reply'; readonly frame: Reply }
  | { readonly kind: 'malformed'; readonly reason: string };

const REPLIES: readonly unknown[] = ['ok', 'fail', 'item', 'end'];

/** Accepts exactly the frames above: nothing missing, nothing more. Never throws. */
export function parseFrame(value: unknown): ParsedFrame {
  if (typeof value !== 'object' || value === null)
    return { kind: 'malformed', reason: `a frame is an object, this is ${typeof value}` };
  const isReply = 'kind' in value && REPLIES.includes(value.kind);
  const parsed = isReply ? reply.safeParse(value) : request.safeParse(value);
  if (!parsed.success)
    return {
      kind: 'malformed',
      reason: parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; '),
    };
  return { kind: isReply ? 'reply' : 'request', frame: parsed.data } as ParsedFrame;
}
