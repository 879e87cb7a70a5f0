import { command, stream } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing } from './common.ts';

/**
 * How a site's connection is. A failed look changes what we know, not what is: no state here says anything about a run.
 * `idle` = not connected because nothing needs it; `needs-sign-in` = a person has to sign in; `blocked` = the host key changed or is revoked.
 */
export const connectionStatus = z.object({
  state: z.enum(['idle', 'connecting', 'connected', 'unreachable', 'needs-sign-in', 'refused', 'blocked']),
  /** A sentence: what is wrong and since when; null when nothing is. */
  message: z.string().nullable(),
  /** What to do about it. */
  hint: z.string().nullable(),
  /** ISO 8601 UTC; when the host last answered anything. */
  heardAt: z.string().nullable(),
  /** ISO 8601 UTC; when the next attempt is made; null = none is planned. */
  retryAt: z.string().nullable(),
  /** True when the SSH configuration was read without an `ssh` program, so that `Match exec`, tokens and the like are not honoured. */
  reducedConfig: z.boolean(),
  /** Milliseconds of the last round trip; null = not measured. */
  roundTripMs: z.number().nullable(),
});
export type ConnectionStatus = z.infer<typeof connectionStatus>;

/** A question that a person has to answer before a connection can go on. At most one is open per host. */
export const signInPrompt = z.object({
  id: z.string(),
  /** Site name, or the address while a site is being added. */
  site: z.string(),
  /** The host that asks: with jump hosts it differs from the site's own. */
  host: z.string(),
  user: z.string(),
  /** `vault`: the passphrase of this profile's secrets; it has no site, host or user. */
  kind: z.enum(['password', 'passphrase', 'keyboard-interactive', 'host-key', 'vault']),
  title: z.string(),
  /** What the server or Slipway says about it; from outside, made printable. */
  text: z.string(),
  fields: z.array(z.object({ label: z.string(), secret: z.boolean() })),
  /** For `host-key`: answers are `accept` or nothing. */
  hostKey: z
    .object({
      type: z.string(),
      /** `SHA256:…` as `ssh-keygen -l` prints it. */
      fingerprint: z.string(),
      /** The drawing of `ssh-keygen -lv`, lines joined by newlines. */
      randomart: z.string(),
    })
    .nullable(),
});
export type SignInPrompt = z.infer<typeof signInPrompt>;

/** Questions of connections. Whoever watches can answer; while nobody watches, a connection that would have to ask fails at once and says what is missing. */
export const connections = {
  /** All open prompts, again whenever one opens or closes. */
  watchPrompts: stream(nothing, z.object({ prompts: z.array(signInPrompt) })),
  /** Answers in the order of `fields`; null = the person cancels. For `host-key`: `['accept']`. A prompt that is no longer open is ignored. */
  answer: command(z.object({ prompt: z.string(), answers: z.array(z.string().max(4096)).nullable() }), nothing),
};
