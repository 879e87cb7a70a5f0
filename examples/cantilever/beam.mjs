/**
 * Tip displacement of a clamped Euler–Bernoulli beam with a rectangular section and loads at its tip, by Hermite beam
 * elements. Usage: node beam.mjs INPUT.json. Writes result.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const input = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { length: L, width: w, thickness: t, modulus: E, load, elements: n } = input;

/** Solves the symmetric system K u = f by elimination within the band. */
function solve(K, f, band) {
  const size = f.length;
  for (let i = 0; i < size; i++) {
    for (let r = i + 1; r < Math.min(size, i + band); r++) {
      const factor = K[r][i] / K[i][i];
      for (let c = i; c < Math.min(size, i + band); c++) K[r][c] -= factor * K[i][c];
      f[r] -= factor * f[i];
    }
  }
  const u = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let sum = f[i];
    for (let c = i + 1; c < Math.min(size, i + band); c++) sum -= K[i][c] * u[c];
    u[i] = sum / K[i][i];
  }
  return u;
}

/** Tip deflection in one plane: bending stiffness E·I, tip force P. */
function tip(I, P) {
  const h = L / n;
  const k = (E * I) / h ** 3;
  const element = [
    [12, 6 * h, -12, 6 * h],
    [6 * h, 4 * h * h, -6 * h, 2 * h * h],
    [-12, -6 * h, 12, -6 * h],
    [6 * h, 2 * h * h, -6 * h, 4 * h * h],
  ];
  const size = 2 * n; // deflection and slope of every node but the clamped first one
  const K = Array.from({ length: size }, () => new Float64Array(size));
  for (let e = 0; e < n; e++) {
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        const [row, column] = [2 * e + i - 2, 2 * e + j - 2];
        if (row >= 0 && column >= 0) K[row][column] += k * element[i][j];
      }
    }
  }
  const f = new Float64Array(size);
  f[size - 2] = P;
  console.log(`solved ${size} equations`);
  return solve(K, f, 4)[size - 2];
}

const uy = tip((t * w ** 3) / 12, load.y);
const uz = tip((w * t ** 3) / 12, load.z);
const stress = (6 * L * load.y) / (w * w * t) + (6 * L * load.z) / (w * t * t);
console.log(`tip displacement ${uy.toPrecision(7)} ${uz.toPrecision(7)}`);
console.log(`largest bending stress ${stress.toPrecision(7)}`);
writeFileSync('result.json', JSON.stringify({ tip: { uy, uz } }, null, 2));
