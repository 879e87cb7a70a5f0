import { command, query } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing } from './common.ts';

/** What this shell can do. The app branches on these, never on the kind of shell. */
export const capabilities = z.object({
  /** The host has a native dialog that returns a path of this workstation. */
  pickFolder: z.boolean(),
  /** Folders can be opened in the system's file manager. */
  openFolder: z.boolean(),
  /** Dropped files carry a path of this workstation; otherwise their bytes are sent. */
  dropPaths: z.boolean(),
});
export type Capabilities = z.infer<typeof capabilities>;

export const systemInfo = z.object({
  version: z.string(),
  /** The profile folder. */
  home: z.string(),
  pid: z.number(),
  /** The workstation's host name. */
  host: z.string(),
  platform: z.enum(['linux', 'darwin', 'win32', 'other']),
  capabilities,
});
export type SystemInfo = z.infer<typeof systemInfo>;

export const doctorCheck = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['ok', 'warning', 'error']),
  detail: z.string(),
  hint: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof doctorCheck>;

export const system = {
  info: query(nothing, systemInfo),
  /** Looks at the workstation: runtime, profile, disk, shell, known solvers. */
  doctor: query(nothing, z.object({ checks: z.array(doctorCheck) })),
  /** Shows the native folder dialog; null when the person cancels. Needs `pickFolder`. */
  pickFolder: command(z.object({ title: z.string() }), z.object({ path: z.string().nullable() })),
};
