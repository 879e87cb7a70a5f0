import type { WireError } from '../errors.ts';
import { AppError } from '../errors.ts';
import type { z } from '../zod.ts';
import type { ErrorLog } from './errors.ts';
import { toWire } from './errors.ts';
import type { Contract, Handlers, Procedure } from './procedure.ts';
import type { StreamUnit } from './subscription.ts';

export interface OpenedStream {
  readonly unit: StreamUnit;
  readonly items: AsyncIterable<unknown>;
  /** Throws for an item that is not as declared. */
  check(item: unknown): void;
}

/** What a peer serves: procedures by wire name. */
export interface Router {
  /** Queries and commands. */
  call(name: string, input: unknown, signal: AbortSignal): Promise<unknown>;
  /** Streams and bytes. Throws before the first item for a bad name or input. */
  open(name: string, input: unknown, signal: AbortSignal): OpenedStream;
  /** The form in which the other side gets an error; the rest goes to the log. */
  wireError(name: string, error: unknown): WireError;
}

type AnyHandler = (input: unknown, context: { readonly signal: AbortSignal }) => unknown;
interface Entry {
  readonly procedure: Procedure;
  readonly handler: AnyHandler;
}

function sentences(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
}

function parseInput(name: string, schema: z.ZodType, input: unknown): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = sentences(parsed.error);
  throw new AppError('bad_input', `${name} cannot take this input. ${details.join('; ')}.`, { details });
}

function checkOutput(name: string, schema: z.ZodType, output: unknown): void {
  const parsed = schema.safeParse(output);
  if (!parsed.success)
    throw new Error(`${name} gave an output that is not as declared. ${sentences(parsed.error).join('; ')}`);
}

/**
 * Joins a contract with its handlers. Inputs are parsed always (`bad_input`, details: list of `path: message`); outputs are checked
 * (not changed) with `checkOutputs`, for tests and development. `log` gets stack and cause of what the caller sees only as a ref.
 */
export function createRouter<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  options: { readonly log: ErrorLog; readonly checkOutputs?: boolean },
): Router {
  const checks = options.checkOutputs ?? false;
  const entries = new Map<string, Entry>();
  for (const [area, procedures] of Object.entries(contract)) {
    for (const [name, procedure] of Object.entries(procedures)) {
      const handler = (handlers as Record<string, Record<string, AnyHandler>>)[area]?.[name];
      if (handler === undefined) throw new Error(`${area}.${name} has no handler`);
      entries.set(`${area}.${name}`, { procedure, handler });
    }
  }
  function find(name: string, live: boolean): Entry {
    const entry = entries.get(name);
    const found = entry?.procedure.kind === 'stream' || entry?.procedure.kind === 'bytes';
    if (entry === undefined || found !== live) {
      const what = live ? 'a stream' : 'a query or command';
      throw new AppError('not_supported', `${name} is not ${what} of this version of Slipway.`);
    }
    return entry;
  }
  return {
    call: async (name, input, signal) => {
      const { procedure, handler } = find(name, false);
      const output = await handler(parseInput(name, procedure.input, input), { signal });
      if (checks && 'output' in procedure) checkOutput(name, procedure.output, output);
      return output;
    },
    open: (name, input, signal) => {
      const { procedure, handler } = find(name, true);
      const items = handler(parseInput(name, procedure.input, input), { signal }) as AsyncIterable<unknown>;
      const check = (item: unknown): void =>
        checks && 'item' in procedure ? checkOutput(name, procedure.item, item) : undefined;
      return { unit: procedure.kind === 'bytes' ? 'bytes' : 'items', items, check };
    },
    wireError: (name, error) => toWire(error, name, options.log),
  };
}
