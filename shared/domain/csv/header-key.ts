/** Making a variable name out of any header text. */

/** Names of variables: what templates, commands and expressions can refer to. */
const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Words of the expression language that no variable can take over; `pi` and `e` can be, and then the variable wins. */
const EXPRESSION_WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'run', 'true', 'false', 'if']);

export function isKey(text: string): boolean {
  return KEY.test(text);
}

export function isExpressionWord(text: string): boolean {
  return EXPRESSION_WORDS.has(text);
}

const LETTERS: Readonly<Record<string, string>> = {
  ...{
    ä: 'ae',
    ö: 'oe',
    ü: 'ue',
    Ä: 'Ae',
    Ö: 'Oe',
    Ü: 'Ue',
    ß: 'ss',
    æ: 'ae',
    ø: 'oe',
    å: 'aa',
    Ø: 'Oe',
    Å: 'Aa',
    ł: 'l',
    đ: 'd',
  },
  ...{
    α: 'alpha',
    β: 'beta',
    γ: 'gamma',
    δ: 'delta',
    ε: 'epsilon',
    ζ: 'zeta',
    η: 'eta',
    θ: 'theta',
    κ: 'kappa',
    λ: 'lambda',
  },
  ...{
    μ: 'mu',
    µ: 'mu',
    ν: 'nu',
    ξ: 'xi',
    π: 'pi',
    ρ: 'rho',
    σ: 'sigma',
    τ: 'tau',
    φ: 'phi',
    χ: 'chi',
    ψ: 'psi',
    ω: 'omega',
  },
  ...{ Γ: 'Gamma', Δ: 'Delta', Θ: 'Theta', Λ: 'Lambda', Ξ: 'Xi', Π: 'Pi', Σ: 'Sigma', Φ: 'Phi', Ψ: 'Psi', Ω: 'Omega' },
  ...{ '%': ' percent ', '°': ' deg ', '#': ' number ' },
};

/**
 * A key for a header text that is none: `Inlet velocity` → `inlet_velocity`, `Höhe` → `Hoehe`, `2theta` → `x2theta`, `run` → `run_value`.
 * One word keeps its case, several become lower case. `fallback` is used when nothing is left (`???`); `taken` keys get a number behind.
 */
export function proposeKey(text: string, fallback: string, taken: ReadonlySet<string>): string {
  const letters = [...text.normalize('NFC')].map((c) => LETTERS[c] ?? c).join('');
  const words = letters
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9_]+/)
    .filter((word) => word !== '');
  let key = words.length > 1 ? words.join('_').toLowerCase() : (words[0] ?? fallback);
  key = key.replace(/_{2,}/g, '_').replace(/(?<=.)_+$/, '');
  if (/^\d/.test(key)) key = `x${key}`;
  if (!/[A-Za-z0-9]/.test(key)) key = fallback;
  if (isExpressionWord(key)) key = `${key}_value`;
  key = key.slice(0, 60).replace(/(?<=.)_+$/, '');
  if (!taken.has(key)) return key;
  for (let n = 2; ; n++) if (!taken.has(`${key.slice(0, 56)}_${n}`)) return `${key.slice(0, 56)}_${n}`;
}

const PREFIXED =
  /^(?:[fpnuµμmcdhkMGT]|da)?(?:m|g|s|A|K|N|Pa|J|W|Hz|V|C|F|T|H|S|l|L|bar|mol|cd|lm|lx|rad|Ω|ohm|eV|Wh|cal|sr|Bq|Gy)$/;
const PLAIN_UNITS: ReadonlySet<string> = new Set(
  (
    '% ° deg degree degrees °C °F degC degF ° C min h d hr hour hours sec day days in inch inches ft foot feet yd mi mil mph kmh kt kn ' +
    'lb lbs lbf lbm oz psi ksi Msi psf slug atm torr Torr mmHg inHg rpm rps t ton ha gal BTU Btu hp dB dBA ppm ppb Nm mN kgf gf poise P cP St cSt gr u amu R ' +
    'px count pcs EUR USD'
  ).split(' '),
);

/** Whether a text in parentheses behind a name is more likely its unit than its key: `K`, `MPa`, `m/s`, `kg/m^3`, `°C`, `1/s`, `-`. */
export function looksLikeUnit(text: string): boolean {
  if (text === '-' || text === '1' || text === '–') return true;
  const parts = text.split(/[\s\d*·×./^²³⁻¹()+-]+/u).filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => PREFIXED.test(part) || PLAIN_UNITS.has(part));
}
