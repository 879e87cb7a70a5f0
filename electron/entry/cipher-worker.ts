import '../core/encryption/cipher-worker.ts';
