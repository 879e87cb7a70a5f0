import type { Client, Handlers } from '../rpc/procedure.ts';
import { command } from '../rpc/procedure.ts';
import { z } from '../zod.ts';

/** What a shell lends to the core: only what the core cannot do by itself. Served by Electron's main, or by Node in the other shells. */
export const hostContract = {
  host: {
    /** Opens a folder in the system's file manager. */
    openFolder: command(z.object({ path: z.string() }), z.object({})),
    /** Shows the native folder dialog; null = cancelled. */
    pickFolder: command(z.object({ title: z.string() }), z.object({ path: z.string().nullable() })),
    /** Whether the keyring of the person's session really encrypts; `reason` says why not. */
    lookAtKeyring: command(
      z.object({}),
      z.object({ usable: z.boolean(), name: z.string(), reason: z.string().nullable() }),
    ),
    /** Encrypts by the keyring; base64. @throws `secrets/unavailable` */
    seal: command(z.object({ text: z.string() }), z.object({ sealed: z.string() })),
    /** @throws `secrets/unavailable`, and the keyring's own error when it cannot open it */
    unseal: command(z.object({ sealed: z.string() }), z.object({ text: z.string() })),
  },
};

export type HostContract = typeof hostContract;
export type HostClient = Client<HostContract>;
export type HostHandlers = Handlers<HostContract>;
