/**
 * Mass that an injector delivers in one stroke: orifice flow, scaled by the needle's lift over time.
 * Usage: node flow.mjs PRESSURE_BAR DENSITY. Reads injector.json and profile/needle-lift.csv, writes flow.csv.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [pressure, density] = process.argv.slice(2).map(Number);
const injector = JSON.parse(readFileSync('injector.json', 'utf8'));
const lifts = readFileSync('profile/needle-lift.csv', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));

const area = injector.holes * Math.PI * (injector.diameter_mm / 2000) ** 2;
const velocity = Math.sqrt((2 * pressure * 1e5) / density);
const fullFlow = injector.discharge_coefficient * area * density * velocity;
const highest = Math.max(...lifts.map(([, lift]) => lift));

const rates = lifts.map(([time, lift]) => [time, (fullFlow * lift) / highest]);
let mass = 0;
for (let i = 1; i < rates.length; i++)
  mass += ((rates[i][0] - rates[i - 1][0]) / 1000) * ((rates[i][1] + rates[i - 1][1]) / 2);

writeFileSync(
  'flow.csv',
  `time_ms,kg_per_s\n${rates.map((row) => row.map((x) => x.toPrecision(6)).join(',')).join('\n')}\n`,
);
console.log(`jet_velocity\t${velocity.toPrecision(6)}`);
console.log(`peak_flow\t${fullFlow.toPrecision(6)}`);
console.log(`mass_per_stroke\t${mass.toPrecision(6)}`);
