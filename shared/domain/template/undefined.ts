import { suggest } from '../suggest.ts';

/** Words of TPL01: a placeholder uses a name that nothing defines. */
export function undefinedProblem(
  name: string,
  text: string,
  names: ReadonlySet<string>,
  open: string,
  close: string,
): { readonly message: string; readonly hint: string } {
  const near = suggest(name, names);
  const question = near === null ? '' : ` – did you mean \`${open}${near}${close}\`?`;
  const where = text === `${open}${name}${close}` ? `\`${text}\`` : `\`${text}\` uses \`${name}\`, which`;
  return {
    message: `${where} is not defined${question === '' ? '.' : question}`,
    hint: `Correct the name, add a column \`${name}\` to the run definition, or give a default: \`${open}${name}~0${close}\`.`,
  };
}
