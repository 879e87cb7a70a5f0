/** Runs the benches one after the other and prints a line of JSON for each. Ratios, not seconds, are what to compare between machines. */
import { runAgeBench } from './age.bench.ts';
import { runArrayBench } from './array.bench.ts';
import { runCsvBench } from './csv.bench.ts';
import { runInputsBench } from './inputs.bench.ts';
import { runLargeFileBench } from './large-file.bench.ts';
import { runListingBench } from './listing.bench.ts';
import { runRenderBench } from './render.bench.ts';
import { runRunsBench } from './runs.bench.ts';
import { runS3Bench } from './s3.bench.ts';
import { runSftpBench } from './sftp.bench.ts';
import { runSmallFilesBench } from './small-files.bench.ts';
import { runStagingBench } from './staging.bench.ts';
import { runStoreBench } from './store.bench.ts';
import { runTransferBench } from './transfer.bench.ts';

const BENCHES: Readonly<Record<string, () => unknown>> = {
  render: () => runRenderBench(),
  store: () => runStoreBench(),
  runs: () => runRunsBench(),
  csv: () => runCsvBench(),
  listing: () => runListingBench(),
  staging: () => runStagingBench(),
  inputs: () => runInputsBench(),
  sftp: () => runSftpBench(),
  s3: () => runS3Bench(),
  largeFile: () => runLargeFileBench(),
  transfer: () => runTransferBench(),
  smallFiles: () => runSmallFilesBench(),
  array: () => runArrayBench(),
  age: () => runAgeBench(),
};

const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(BENCHES)) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    console.error(`There is no bench "${name}"; there are ${Object.keys(BENCHES).join(', ')}.`);
    process.exit(2);
  }
  console.log(JSON.stringify({ bench: name, result: await bench() }));
}
