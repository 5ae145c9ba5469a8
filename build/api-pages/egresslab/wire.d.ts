export * from '../../../dist/public/wire.js';
