import '../core/transfer/hash-worker/worker.ts';
