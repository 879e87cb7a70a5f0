/** What `import … from 'electron'` gives under the double; whoever started the app can look into it. */
export * from './electron-module.ts';
import './test-line.ts';
