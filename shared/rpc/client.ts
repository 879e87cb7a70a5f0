import type { Caller } from './peer.ts';
import type { CallOptions, Client, Contract, Procedure } from './procedure.ts';

function method(caller: Caller, name: string, procedure: Procedure) {
  return (input: unknown, options?: CallOptions) => {
    if (procedure.kind === 'stream') return caller.subscribe(name, input, 'items', options);
    if (procedure.kind === 'bytes') return caller.subscribe(name, input, 'bytes', options);
    return caller.call(name, input, options);
  };
}

/** The typed face of a peer: one function per procedure of the contract. */
export function createClient<C extends Contract>(caller: Caller, contract: C): Client<C> {
  const areas = Object.entries(contract).map(([area, procedures]) => {
    const methods = Object.entries(procedures).map(
      ([name, p]) => [name, method(caller, `${area}.${name}`, p)] as const,
    );
    return [area, Object.fromEntries(methods)] as const;
  });
  return Object.fromEntries(areas) as Client<C>;
}
