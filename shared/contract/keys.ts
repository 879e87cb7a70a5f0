import { command, query, stream } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing, requestId } from './common.ts';

/** Words of a recovery phrase. */
export const PHRASE_WORDS = 24;

export const keyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'use letters, digits, dot, hyphen and underscore, at most 63');

/** `age1…`, or a line of an `ssh-ed25519` public key. */
const recipientText = z.string().min(1).max(1000);

export const keyRecipient = z.object({
  /** As `age -r` takes it. */
  text: z.string(),
  kind: z.enum(['x25519', 'ssh-ed25519']),
  /** Who that is, for people; what stands behind an SSH key where nothing else was given. */
  label: z.string().nullable(),
  /** ISO 8601 UTC. */
  addedAt: z.string(),
});
export type KeyRecipient = z.infer<typeof keyRecipient>;

/**
 * A project's key: files are encrypted to its public half, and whoever has its secret half can read them. The secret half is kept encrypted to this device and to
 * the recipients, and as 24 words on paper. Each rotation adds a generation: new files are encrypted to the newest, older ones stay readable with theirs.
 */
export const projectKey = z.object({
  name: keyName,
  /** The public half of the newest generation, `age1…`: no secret. */
  publicKey: z.string(),
  /** Newest first. `confirmed`: a person has shown that the phrase was written down. `usable`: this device can open it. */
  generations: z.array(
    z.object({ publicKey: z.string(), createdAt: z.string(), confirmed: z.boolean(), usable: z.boolean() }),
  ),
  /** Others who can take this key: colleagues, other devices. */
  recipients: z.array(keyRecipient),
  /** ISO 8601 UTC. */
  createdAt: z.string(),
});
export type ProjectKey = z.infer<typeof projectKey>;

/** The secret half for paper. Whoever reads it can read all files of its generation. */
export const recoveryPhrase = z.object({
  words: z.array(z.string()).length(PHRASE_WORDS),
  /** The same as the `age` program takes it: `AGE-SECRET-KEY-1…`. */
  identity: z.string(),
  /** Numbers (from 1) of the words that `confirm` wants to be told. */
  ask: z.array(z.number().int().min(1).max(PHRASE_WORDS)).length(2),
});
export type RecoveryPhrase = z.infer<typeof recoveryPhrase>;

const keyRef = z.object({ key: z.string().min(1).max(63) });
const withPhrase = z.object({ key: projectKey, phrase: recoveryPhrase });

/**
 * Keys of projects, for what is stored encrypted on sites and in buckets. Errors: `keys/exists`, `keys/cannot_open`, `keys/in_use`, `keys/wrong_phrase`, `not_found`, `bad_input`, and
 * `secrets/…` where the vault has to be opened.
 */
export const keys = {
  /** `device`: the public half of this device's own key, which colleagues add to theirs; null until something is kept here. */
  list: query(nothing, z.object({ keys: z.array(projectKey), device: z.string().nullable() })),
  /** All keys, again whenever one changes. */
  watch: stream(nothing, z.object({ keys: z.array(projectKey), device: z.string().nullable() })),
  /** Makes a key. Its phrase is shown now and until it is confirmed. */
  create: command(
    z.object({ requestId, name: keyName, recipients: z.array(recipientText).max(100).default([]) }),
    withPhrase,
  ),
  /** The phrase of the newest generation again, as long as it is not confirmed. */
  phrase: command(keyRef, recoveryPhrase),
  /** Words by their numbers, at least two: proves that the phrase was written down. Errors: `keys/wrong_phrase` names those that are wrong. */
  confirm: command(
    keyRef.extend({
      words: z.array(z.object({ number: z.number().int().min(1).max(PHRASE_WORDS), word: z.string().max(40) })).min(2),
    }),
    projectKey,
  ),
  /**
   * Gets a key back from its words: a generation of a known key that this device cannot open, or a key that is not known here. With `newer` and `older` they
   * are another generation of a known key, of which nothing else is known here.
   */
  recover: command(
    z.object({
      requestId,
      name: keyName,
      phrase: z.string().max(2000),
      generation: z.enum(['known', 'newer', 'older']).default('known'),
    }),
    projectKey,
  ),
  /** Makes this device's own key if there is none; its public half is what colleagues add. */
  device: command(nothing, z.object({ publicKey: z.string() })),
  /** A file for the recipients (an age file with the secret half), to be sent on any way; they import it, or open it with `age -d`. */
  export: command(keyRef, z.object({ fileName: z.string(), content: z.string() })),
  /** Takes a key from a file that was exported for this device. */
  import: command(z.object({ requestId, content: z.string().max(1_000_000) }), projectKey),
  /** From now on `export` makes a file that they can open. */
  addRecipient: command(
    keyRef.extend({ recipient: recipientText, label: z.string().trim().max(100).nullable().default(null) }),
    projectKey,
  ),
  /**
   * Takes somebody off, and rotates: they have the generations so far, and no command can take those back. What is stored already stays readable for
   * them until it is encrypted anew.
   */
  removeRecipient: command(keyRef.extend({ recipient: recipientText }), withPhrase),
  /** Begins a new generation, with a phrase of its own. Nothing that is stored is touched. */
  rotate: command(keyRef.extend({ requestId }), withPhrase),
  /**
   * Takes a key off this device. Nothing that is stored is touched, and what is encrypted to it cannot be read from here any more: only its papers, or a recipient, bring it
   * back. Errors: `keys/in_use` while a job, a transfer or a folder watch works with it.
   */
  remove: command(keyRef, nothing),
};
