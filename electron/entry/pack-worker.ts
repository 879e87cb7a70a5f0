import '../core/transfer/pack-worker/worker.ts';
