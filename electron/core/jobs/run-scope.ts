import type { RenderScope } from '../../../shared/domain/template/index.ts';

/** What a run inserts into templates and commands: its texts, given in the order of the variables, by name. */
export function runScope(
  variables: readonly { readonly name: string }[],
  run: number,
  values: readonly string[],
): RenderScope & { readonly values: Map<string, string> } {
  return { run, values: new Map(variables.map((v, i) => [v.name, values[i] ?? ''])) };
}

/** A run's texts by the name of their variable. */
export function valuesByName(
  variables: readonly { readonly name: string }[],
  values: readonly string[],
): Record<string, string> {
  return Object.fromEntries(variables.map((v, i) => [v.name, values[i] ?? '']));
}

/** The path that a run's values make of an input pattern such as `cases/${case}.zip`. */
export function renderPattern(pattern: string, scope: RenderScope): string {
  return pattern.replace(/\$\{\s*([A-Za-z_]\w*)\s*\}/g, (whole, name: string) =>
    name === 'run' ? String(scope.run) : (scope.values.get(name) ?? whole),
  );
}
