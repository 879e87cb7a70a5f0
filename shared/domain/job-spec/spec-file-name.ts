/** True for the names that a job spec may have in its folder. */
export function isSpecFile(name: string): boolean {
  return /^slipway\.(ya?ml|json)$/.test(name);
}
