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
  },
};

export type HostContract = typeof hostContract;
export type HostClient = Client<HostContract>;
export type HostHandlers = Handlers<HostContract>;
